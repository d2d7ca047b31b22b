# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings, sanitizers and the helpers that declare a room or a test.
add_library(mprdo_warnings INTERFACE)
target_compile_options(mprdo_warnings INTERFACE -Wall -Wextra -Wpedantic)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 to 14 on std::string's operator+, move and resize (GCC bugs 105329, 105651).
  target_compile_options(mprdo_warnings INTERFACE -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()
if(MPRDO_WERROR)
  target_compile_options(mprdo_warnings INTERFACE -Werror)
endif()
if(MPRDO_SANITIZE)
  add_compile_options(-fsanitize=${MPRDO_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MPRDO_SANITIZE})
endif()

# One static library per room; includes are written from the project's root ("core/api/types.h").
function(mprdo_add_room NAME)
  add_library(${NAME} STATIC)
  target_include_directories(${NAME} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE mprdo_warnings)
endfunction()
