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

  # What the suite compares on a little text, on all that the bar asks for.
  add_test(NAME e2e.tokenizers_ten_megabytes COMMAND tokenizers_test --gtest_filter=TokenizerPeer.*
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e.tokenizers_ten_megabytes PROPERTIES LABELS slow TIMEOUT 1500
    ENVIRONMENT "PODIUM_TOKENIZER_BYTES=10000000")

  # What the suite compares with JAX in f64, in every type and with JAX's gradients.
  foreach(room ir numeric nn)
    add_test(NAME ${room}.every_type COMMAND ${room}_test --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${room}.every_type PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_EVERY_TYPE=1")
  endforeach()

  # Every sixth case is part of the suite, for a fifth of the steps.
  add_test(NAME optim.optax COMMAND optim_test --gtest_filter=*Optax.Steps* WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  add_test(NAME optim.placement COMMAND train_test --gtest_filter=StatePlacement.* WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(optim.optax optim.placement PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_OPTAX=all")

  # One or two meshes are part of the suite.
  add_test(NAME train.every_mesh COMMAND train_test --gtest_filter=Strategies.* WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(train.every_mesh PROPERTIES LABELS slow TIMEOUT 3000
    ENVIRONMENT "PODIUM_EVERY_MESH=1;${FAST_TO_COMPILE}")

  # Every twelfth case is part of the suite.
  add_test(NAME e2e.onnx_nodes COMMAND onnx_test --gtest_filter=OnnxNodes.* WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e.onnx_nodes PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_ONNX_CASES=all")

  # Models that transformers made, and PyTorch's optimizers: PyTorch is too big for the suite.
  set(torch_python ${CMAKE_SOURCE_DIR}/build/venv-transformers/bin/python)
  add_test(NAME train.transformers COMMAND train_test --gtest_filter=*Transformers*
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(train.transformers PROPERTIES LABELS slow TIMEOUT 1500
    ENVIRONMENT "PODIUM_TRANSFORMERS=${torch_python}")
  add_test(NAME optim.torch COMMAND optim_test --gtest_filter=*Torch* WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(optim.torch PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_TORCH_PYTHON=${torch_python}")

  # The first of them is part of the suite.
  add_test(NAME proof.every_seed COMMAND proof_test --gtest_filter=Conformance.KnownDefects*
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(proof.every_seed PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_DEFECT_SEEDS=3")

  # The first sixty are part of the suite.
  add_test(NAME e2e.random_graphs COMMAND exec_test --gtest_filter=RandomGraphs.*
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(e2e.random_graphs PROPERTIES LABELS slow TIMEOUT 1500 ENVIRONMENT "PODIUM_RANDOM_GRAPHS=2000")

  # The Python module, as ./dev python installs it. Sanitizers would have to be in Python too.
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/python/tests/*_test.py)
    foreach(test ${python_tests})
      cmake_path(GET test STEM name)
      add_test(NAME python.${name} COMMAND ${CMAKE_SOURCE_DIR}/build/env/bin/python -B ${test})
      set_tests_properties(python.${name} PROPERTIES LABELS python)
    endforeach()
    add_test(NAME python.torch COMMAND ${CMAKE_SOURCE_DIR}/build/env/bin/python -B
      ${CMAKE_SOURCE_DIR}/python/tests/tensor_test.py -k pytorch)
    set_tests_properties(python.torch PROPERTIES LABELS slow ENVIRONMENT "PODIUM_TORCH_PYTHON=${torch_python}")
    add_test(NAME python.array_api_test COMMAND ${CMAKE_SOURCE_DIR}/build/env-array-api/bin/python -B
      ${CMAKE_SOURCE_DIR}/python/tests/slow/array_api_test.py)
    set_tests_properties(python.array_api_test PROPERTIES LABELS slow TIMEOUT 1500)
  endif()

  # The command, from outside.
  if(PODIUM_COMMAND)
    file(GLOB command_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/*_test.py)
    if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
      list(FILTER command_tests EXCLUDE REGEX "/(install|package)_test\\.py$")  # what it builds would need the same flags
    endif()
    foreach(test ${command_tests})
      cmake_path(GET test STEM name)
      add_test(NAME e2e.${name} COMMAND ${Python3_EXECUTABLE} -B ${test})
      set_tests_properties(e2e.${name} PROPERTIES LABELS e2e
        ENVIRONMENT "PODIUM_COMMAND=$<TARGET_FILE:podium>;PODIUM_BUILD=${CMAKE_BINARY_DIR};PODIUM_CACHE=${CMAKE_BINARY_DIR}/Testing/programs")
    endforeach()
    file(GLOB slow_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/e2e/slow/*_test.py)
    foreach(test ${slow_tests})
      cmake_path(GET test STEM name)
      add_test(NAME e2e.${name} COMMAND ${Python3_EXECUTABLE} -B ${test})
      set_tests_properties(e2e.${name} PROPERTIES LABELS slow TIMEOUT 1500
        ENVIRONMENT "PODIUM_COMMAND=$<TARGET_FILE:podium>;PYTHONPATH=${CMAKE_SOURCE_DIR}/tests/e2e")
    endforeach()
    add_test(NAME e2e.kill_test_fifty COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tests/e2e/kill_test.py)
    set_tests_properties(e2e.kill_test_fifty PROPERTIES LABELS slow TIMEOUT 1500
      ENVIRONMENT "PODIUM_COMMAND=$<TARGET_FILE:podium>;PODIUM_CACHE=off;PODIUM_KILLS=50")
    add_test(NAME docs.reference COMMAND podium reference --out ${CMAKE_SOURCE_DIR}/docs/reference --check)
  endif()
endif()
