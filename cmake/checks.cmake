# The project's rules about itself, as tests: they read the tree and need no build of it.
if(PODIUM_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB tool_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/*_test.py)
  foreach(test ${tool_tests})
    cmake_path(GET test STEM name)
    add_test(NAME tools.${name} COMMAND ${Python3_EXECUTABLE} -B ${test})
  endforeach()
  add_test(NAME tools.check_rooms COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_rooms.py)
  add_test(NAME tools.check_verified
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_verified.py --build ${CMAKE_BINARY_DIR})
endif()
