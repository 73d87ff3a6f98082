# What users link, and the programs that users read: examples, and the code in the documents.
add_library(podium_library INTERFACE)
target_link_libraries(podium_library INTERFACE podium_exec podium_generation podium_onnx podium_optim podium_data podium_checkpoint)
add_library(podium::podium ALIAS podium_library)

# Builds the program NAME and puts it into FOLDER of the binaries.
function(podium_program name source folder)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE podium::podium)
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/${folder})
endfunction()

# Builds examples/NAME.cpp, and runs it as a test that passes where it prints what `printed` matches.
function(podium_example name printed)
  podium_program(example_${name} examples/${name}.cpp examples)
  set_target_properties(example_${name} PROPERTIES OUTPUT_NAME ${name})
  add_test(NAME examples.${name} COMMAND example_${name} ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(examples.${name} PROPERTIES LABELS examples TIMEOUT 300 PASS_REGULAR_EXPRESSION "${printed}")
endfunction()

# Builds the code blocks of a document as one program, and compares what it prints with the output shown there.
function(podium_document name document)
  set(source ${CMAKE_BINARY_DIR}/documents/${name}.cpp)
  set(extract ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/extract_tutorial.py ${CMAKE_SOURCE_DIR}/${document})
  add_custom_command(OUTPUT ${source} COMMAND ${extract} --cpp ${source}
    DEPENDS ${CMAKE_SOURCE_DIR}/${document} ${CMAKE_SOURCE_DIR}/tools/extract_tutorial.py)
  podium_program(${name} ${source} documents)
  add_test(NAME docs.${name} COMMAND ${extract} --run $<TARGET_FILE:${name}>)
  set_tests_properties(docs.${name} PROPERTIES LABELS examples)
endfunction()

if(PODIUM_TESTS)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  podium_document(tutorial docs/tutorial.md)
  podium_document(readme README.md)
  podium_document(write_a_custom_operator docs/how-to/write-a-custom-operator.md)
  podium_document(use_onnx docs/how-to/use-onnx.md)
  podium_document(train_on_several_devices docs/how-to/train-on-several-devices.md)
  podium_example(gpt "^[1-5]\\.[0-9]+\n$" "docs/**/*.md" 12)
  podium_example(device_tensor "f32\\[2,2\\] on [a-z]+:0.*a model on [a-z]+:0 says .*f32\\[2,2\\]")
  podium_example(distributed_step "each device holds f32\\[32,64\\].*the loss fell" LICENSE 256 64)
  podium_example(custom_training_loop "the parameters read back give the same loss")
endif()
