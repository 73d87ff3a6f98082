# What the command says of itself (podium/cli/about.h): version, commit, compiler, and the licences in licenses/.
set(about ${CMAKE_BINARY_DIR}/about)
set(describe ${CMAKE_COMMAND} -D SOURCE=${CMAKE_SOURCE_DIR} -D OUTPUT=${about}/about.cpp -D VERSION=${PROJECT_VERSION}
  -D "COMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE}"
  -P ${CMAKE_SOURCE_DIR}/cmake/write_about.cmake)
# Runs at every build, and rewrites its file only where the commit or a licence changed.
add_custom_target(podium_about ALL COMMAND ${describe} BYPRODUCTS ${about}/about.cpp VERBATIM)
target_sources(podium_cli PRIVATE ${about}/about.cpp)
add_dependencies(podium_cli podium_about)
