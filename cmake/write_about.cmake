# Writes OUTPUT, the C++ source of VERSION, COMMIT, COMPILER and LICENSES; see about.cmake.
cmake_policy(VERSION 3.25)
execute_process(COMMAND git -c safe.directory=* describe --always --dirty --abbrev=12 --exclude=*
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT COMMIT)
  set(COMMIT unknown)
endif()

file(GLOB notices ${SOURCE}/licenses/*.txt)
set(LICENSES)
foreach(notice ${SOURCE}/LICENSE ${notices})
  file(READ ${notice} text)
  get_filename_component(name ${notice} NAME_WE)
  string(REPLACE LICENSE podium name ${name})
  # One literal a licence: compilers bound the length of each, not of their sum.
  string(APPEND LICENSES "R\"licence(== ${name}\n\n${text}\n)licence\"\n")
endforeach()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "podium/cli/about.h"

namespace podium {

const std::string_view VERSION = "@VERSION@", COMMIT = "@COMMIT@", COMPILER = "@COMPILER@";
const std::string_view LICENSES =
@LICENSES@;

}  // namespace podium
]] @ONLY)
