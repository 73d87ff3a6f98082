#pragma once

#include <pjrt_c_api.h>

#include <cstddef>

namespace podium {

/// The size that a plugin expects in an argument struct's `struct_size`. It is not `sizeof`, which counts trailing
/// padding, and one vendor's plugin demands equality. No value for a struct that is not listed.
template <class Args>
inline constexpr std::size_t PJRT_ARGS_SIZE = [] { static_assert(sizeof(Args) == 0, "list the struct here"); }();

template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Plugin_Initialize_Args> = PJRT_Plugin_Initialize_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Plugin_Attributes_Args> = PJRT_Plugin_Attributes_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Event_Destroy_Args> = PJRT_Event_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Event_Await_Args> = PJRT_Event_Await_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Event_OnReady_Args> = PJRT_Event_OnReady_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_Create_Args> = PJRT_Client_Create_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_Destroy_Args> = PJRT_Client_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_PlatformVersion_Args> =
    PJRT_Client_PlatformVersion_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_AddressableDevices_Args> =
    PJRT_Client_AddressableDevices_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_Compile_Args> = PJRT_Client_Compile_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Client_BufferFromHostBuffer_Args> =
    PJRT_Client_BufferFromHostBuffer_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_DeviceDescription_Id_Args> =
    PJRT_DeviceDescription_Id_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_DeviceDescription_Kind_Args> =
    PJRT_DeviceDescription_Kind_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_DeviceDescription_DebugString_Args> =
    PJRT_DeviceDescription_DebugString_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Device_GetDescription_Args> =
    PJRT_Device_GetDescription_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Device_MemoryStats_Args> = PJRT_Device_MemoryStats_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_Destroy_Args> = PJRT_Executable_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_NumOutputs_Args> =
    PJRT_Executable_NumOutputs_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_OptimizedProgram_Args> =
    PJRT_Executable_OptimizedProgram_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_GetCompiledMemoryStats_Args> =
    PJRT_Executable_GetCompiledMemoryStats_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Compile_Args> = PJRT_Compile_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_TopologyDescription_Create_Args> =
    PJRT_TopologyDescription_Create_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_TopologyDescription_Destroy_Args> =
    PJRT_TopologyDescription_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_TopologyDescription_GetDeviceDescriptions_Args> =
    PJRT_TopologyDescription_GetDeviceDescriptions_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_TopologyDescription_Attributes_Args> =
    PJRT_TopologyDescription_Attributes_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_Serialize_Args> =
    PJRT_Executable_Serialize_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Executable_DeserializeAndLoad_Args> =
    PJRT_Executable_DeserializeAndLoad_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_LoadedExecutable_Destroy_Args> =
    PJRT_LoadedExecutable_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_LoadedExecutable_GetExecutable_Args> =
    PJRT_LoadedExecutable_GetExecutable_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_LoadedExecutable_Execute_Args> =
    PJRT_LoadedExecutable_Execute_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_Destroy_Args> = PJRT_Buffer_Destroy_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_IsDeleted_Args> = PJRT_Buffer_IsDeleted_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_ToHostBuffer_Args> = PJRT_Buffer_ToHostBuffer_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_OnDeviceSizeInBytes_Args> =
    PJRT_Buffer_OnDeviceSizeInBytes_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_ReadyEvent_Args> = PJRT_Buffer_ReadyEvent_Args_STRUCT_SIZE;

template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_GetMemoryLayout_Args> =
    PJRT_Buffer_GetMemoryLayout_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_IncreaseExternalReferenceCount_Args> =
    PJRT_Buffer_IncreaseExternalReferenceCount_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_DecreaseExternalReferenceCount_Args> =
    PJRT_Buffer_DecreaseExternalReferenceCount_Args_STRUCT_SIZE;
template <>
inline constexpr std::size_t PJRT_ARGS_SIZE<PJRT_Buffer_OpaqueDeviceMemoryDataPointer_Args> =
    PJRT_Buffer_OpaqueDeviceMemoryDataPointer_Args_STRUCT_SIZE;

}  // namespace podium
