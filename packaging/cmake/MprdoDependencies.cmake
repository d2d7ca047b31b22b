# SPDX-License-Identifier: GPL-3.0-or-later
# Every library the program stands on. Nothing here names a distribution's paths.
find_package(Threads REQUIRED)
find_package(Torch REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets PrintSupport Svg Network Concurrent)
find_package(QCustomPlotQt6 REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(TIFF 4.5 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(Protobuf REQUIRED)
find_package(Exif REQUIRED)
find_package(WebP REQUIRED)
if(MPRDO_BUILD_TESTS)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
endif()

# LibTorch as one target: system headers, so that its warnings are not ours.
add_library(mprdo_torch INTERFACE)
target_include_directories(mprdo_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(mprdo_torch INTERFACE ${TORCH_LIBRARIES} Threads::Threads)
separate_arguments(MPRDO_TORCH_FLAGS UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(mprdo_torch INTERFACE ${MPRDO_TORCH_FLAGS})

# ONNX's messages, compiled. Looked for by name: the package's own CMake files name libraries that it does not bring.
find_path(MPRDO_ONNX_INCLUDE_DIR onnx/onnx_pb.h REQUIRED)
find_library(MPRDO_ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
mark_as_advanced(MPRDO_ONNX_INCLUDE_DIR MPRDO_ONNX_PROTO_LIBRARY)
add_library(mprdo_onnx INTERFACE)
target_include_directories(mprdo_onnx SYSTEM INTERFACE ${MPRDO_ONNX_INCLUDE_DIR} ${Protobuf_INCLUDE_DIRS})
target_link_libraries(mprdo_onnx INTERFACE ${MPRDO_ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
