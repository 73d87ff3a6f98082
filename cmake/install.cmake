# What `cmake --install` puts where: the command, the library, the headers that podium/podium.h needs, and
# what find_package(podium) finds. Nothing of it knows the folder that it was installed to or built in.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Sets `rooms` to the rooms below `target`, itself included, and `libraries` to what they link from outside.
function(podium_closure target rooms libraries)
  set(found_rooms)
  set(found_libraries)
  set(open ${target})
  while(open)
    list(POP_FRONT open next)
    if(next MATCHES "^podium_" AND NOT next IN_LIST found_rooms)
      list(APPEND found_rooms ${next})
      get_target_property(linked ${next} INTERFACE_LINK_LIBRARIES)
      if(linked)
        list(APPEND open ${linked})
      endif()
    elseif(NOT next MATCHES "^podium_|^pjrt_header$|^dlpack_header$")
      list(APPEND found_libraries ${next})
    endif()
  endwhile()
  list(REMOVE_DUPLICATES found_libraries)
  set(${rooms} ${found_rooms} PARENT_SCOPE)
  set(${libraries} ${found_libraries} PARENT_SCOPE)
endfunction()

# Installs what the command prints for the given words as the file FOLDER/NAME.
macro(podium_prints name folder)
  set(page ${CMAKE_BINARY_DIR}/pages/${name})
  add_custom_command(OUTPUT ${page} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/pages
    COMMAND podium ${ARGN} > ${page} DEPENDS podium VERBATIM)
  install(FILES ${page} DESTINATION ${folder})
  list(APPEND pages ${page})
endmacro()

podium_closure(podium_library rooms libraries)
foreach(room ${rooms})
  get_target_property(type ${room} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    list(APPEND objects $<TARGET_OBJECTS:${room}>)
  endif()
endforeach()

# Each library is a target named PACKAGE::library or PACKAGE; plain names like "dl" belong to the system.
set(PODIUM_DEPENDENCIES)
foreach(library ${libraries})
  if(TARGET ${library})
    string(REGEX REPLACE "::.*" "" package ${library})
    string(APPEND PODIUM_DEPENDENCIES "find_dependency(${package})\n")
  endif()
endforeach()
set(PODIUM_PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/podium)
configure_package_config_file(cmake/podiumConfig.cmake.in ${CMAKE_BINARY_DIR}/package/podiumConfig.cmake
  INSTALL_DESTINATION ${PODIUM_PACKAGE_FOLDER})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/podiumConfigVersion.cmake COMPATIBILITY SameMinorVersion)

# The same package in the build folder, for python/ and for whoever does not install: one archive.
add_library(podium_archive STATIC ${objects})
set_target_properties(podium_archive PROPERTIES OUTPUT_NAME podium EXPORT_NAME podium LINKER_LANGUAGE CXX)
target_compile_features(podium_archive INTERFACE cxx_std_20)
target_link_libraries(podium_archive INTERFACE ${libraries})
target_include_directories(podium_archive INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>)
export(TARGETS podium_archive NAMESPACE podium:: FILE ${CMAKE_BINARY_DIR}/package/podiumTargets.cmake)
file(COPY cmake/FindxxHash.cmake DESTINATION ${CMAKE_BINARY_DIR}/package)

# What is installed is one shared library: half as large as an archive, in which what is inline stands in every object.
add_library(podium_shared SHARED ${objects})
set_target_properties(podium_shared PROPERTIES OUTPUT_NAME podium EXPORT_NAME podium LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(podium_shared INTERFACE cxx_std_20)
target_link_libraries(podium_shared PUBLIC ${libraries})
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
  target_link_options(podium_shared PRIVATE LINKER:--gc-sections LINKER:--version-script=${CMAKE_SOURCE_DIR}/cmake/exports.map)
  set_target_properties(podium_shared PROPERTIES LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/exports.map)
endif()
install(TARGETS podium_shared EXPORT podium INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT podium NAMESPACE podium:: FILE podiumTargets.cmake DESTINATION ${PODIUM_PACKAGE_FOLDER})
install(FILES ${CMAKE_BINARY_DIR}/package/podiumConfig.cmake ${CMAKE_BINARY_DIR}/package/podiumConfigVersion.cmake
  cmake/FindxxHash.cmake DESTINATION ${PODIUM_PACKAGE_FOLDER})
install(CODE "set(PODIUM_SOURCE \"${CMAKE_SOURCE_DIR}\")\nset(PODIUM_INCLUDES \"${CMAKE_INSTALL_INCLUDEDIR}\")")
install(SCRIPT cmake/install_headers.cmake)
if(PODIUM_COMMAND)
  install(TARGETS podium)
  install(FILES share/podium/prometheus/podium.rules.yml DESTINATION ${CMAKE_INSTALL_DATADIR}/podium/prometheus)
  podium_prints(podium.1 ${CMAKE_INSTALL_MANDIR}/man1 reference man)
  podium_prints(podium ${CMAKE_INSTALL_DATADIR}/bash-completion/completions reference bash)
  podium_prints(_podium ${CMAKE_INSTALL_DATADIR}/zsh/site-functions reference zsh)
  podium_prints(podium.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d reference fish)
  podium_prints(copyright ${CMAKE_INSTALL_DOCDIR} --licenses)
  # Below /usr, Debian's zsh reads this folder instead of site-functions.
  install(FILES ${CMAKE_BINARY_DIR}/pages/_podium DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
  add_custom_target(podium_pages ALL DEPENDS ${pages})
endif()
