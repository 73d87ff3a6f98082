#include "podium/data/parquet.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <system_error>

#include "podium/base/error.h"
#include "podium/base/user_folder.h"

namespace podium::data {
namespace {

// What is used of DuckDB's C interface, https://duckdb.org/docs/stable/clients/c/api: handles are pointers, and those
// who end one take its address.
using Handle = void*;
constexpr int SUCCESS = 0, VARCHAR = 17, BLOB = 18;

struct DuckResult {
    std::uint64_t deprecated_counts[3];
    void* deprecated_columns;
    char* deprecated_message;
    void* internal;
};

/// Text of up to twelve bytes stands behind the length, longer text elsewhere.
struct DuckString {
    static constexpr std::uint32_t INLINED = 12;
    std::uint32_t length;
    std::array<char, 4> beginning;
    const char* data;
    std::string_view view() const {
        return {length <= INLINED ? reinterpret_cast<const char*>(this) + sizeof(length) : data, length};
    }
};
static_assert(sizeof(DuckString) == 16 && sizeof(DuckResult) == 48);

/// DuckDB's functions, from a library that stays loaded.
struct Duck {
    explicit Duck(const std::filesystem::path& file) : library(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (library == nullptr)
            fail(Code::FAILED_PRECONDITION, "data: cannot load the library that reads Parquet: {}", dlerror());
        load(create_config, "duckdb_create_config");
        load(set_config, "duckdb_set_config");
        load(destroy_config, "duckdb_destroy_config");
        load(open, "duckdb_open_ext");
        load(close, "duckdb_close");
        load(connect, "duckdb_connect");
        load(disconnect, "duckdb_disconnect");
        load(prepare, "duckdb_prepare");
        load(prepare_error, "duckdb_prepare_error");
        load(destroy_prepare, "duckdb_destroy_prepare");
        load(bind_varchar, "duckdb_bind_varchar");
        load(pending_streaming, "duckdb_pending_prepared_streaming");
        load(pending_error, "duckdb_pending_error");
        load(destroy_pending, "duckdb_destroy_pending");
        load(execute_pending, "duckdb_execute_pending");
        load(result_error, "duckdb_result_error");
        load(destroy_result, "duckdb_destroy_result");
        load(column_type, "duckdb_column_type");
        load(fetch_chunk, "duckdb_fetch_chunk");
        load(destroy_chunk, "duckdb_destroy_data_chunk");
        load(chunk_size, "duckdb_data_chunk_get_size");
        load(chunk_vector, "duckdb_data_chunk_get_vector");
        load(vector_data, "duckdb_vector_get_data");
        load(vector_validity, "duckdb_vector_get_validity");
    }

    template <class F>
    void load(F& function, const char* name) {
        function = reinterpret_cast<F>(dlsym(library, name));
        if (function == nullptr)
            fail(Code::FAILED_PRECONDITION, "data: the library that reads Parquet has no {}", name);
    }

    void* library;
    int (*create_config)(Handle*);
    int (*set_config)(Handle, const char*, const char*);
    void (*destroy_config)(Handle*);
    int (*open)(const char*, Handle*, Handle, char**);
    void (*close)(Handle*);
    int (*connect)(Handle, Handle*);
    void (*disconnect)(Handle*);
    int (*prepare)(Handle, const char*, Handle*);
    const char* (*prepare_error)(Handle);
    void (*destroy_prepare)(Handle*);
    int (*bind_varchar)(Handle, std::uint64_t, const char*);
    int (*pending_streaming)(Handle, Handle*);
    const char* (*pending_error)(Handle);
    void (*destroy_pending)(Handle*);
    int (*execute_pending)(Handle, DuckResult*);
    const char* (*result_error)(DuckResult*);
    void (*destroy_result)(DuckResult*);
    int (*column_type)(DuckResult*, std::uint64_t);
    Handle (*fetch_chunk)(DuckResult);
    void (*destroy_chunk)(Handle*);
    std::uint64_t (*chunk_size)(Handle);
    Handle (*chunk_vector)(Handle, std::uint64_t);
    void* (*vector_data)(Handle);
    std::uint64_t* (*vector_validity)(Handle);
};

const Duck& duck(const std::string& path) {
    const auto folder = user_plugin_folder();
    const auto file = folder ? *folder / PARQUET_PLUGIN / "libduckdb.so" : std::filesystem::path();
    if (!std::filesystem::exists(file))
        fail(Code::FAILED_PRECONDITION,
             "data: {} is a Parquet file, and DuckDB's library, which reads them, is not installed; podium plugin "
             "install parquet fetches it",
             path);
    static const Duck loaded(file);
    return loaded;
}

/// A handle and what ends it.
class Owned {
public:
    explicit Owned(void (*end)(Handle*)) : end_(end) {}
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { reset(); }
    void reset(Handle handle = nullptr) {
        if (handle_ != nullptr) end_(&handle_);
        handle_ = handle;
    }
    Handle get() const { return handle_; }
    Handle* address() { return &handle_; }

private:
    void (*end_)(Handle*);
    Handle handle_ = nullptr;
};

/// An open file by a name that DuckDB takes for one file: it reads patterns and addresses into others.
class PlainName {
public:
    explicit PlainName(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0)
            fail(Code::INVALID_DATA, "data: cannot read {}: {}", path, std::generic_category().message(errno));
    }
    PlainName(const PlainName&) = delete;
    PlainName& operator=(const PlainName&) = delete;
    ~PlainName() { ::close(descriptor_); }
    std::string get() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

private:
    int descriptor_;
};

std::string identifier(std::string_view column) {
    std::string text = "\"";
    for (const char c : column) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + '"';
}

}  // namespace

void for_each_row(const std::string& path, const std::string& column,
                  const std::function<void(std::optional<std::string_view> text)>& take) {
    const Duck& api = duck(path);
    const PlainName file(path);
    const auto refuse = [&](const char* reason) {
        const std::string_view said = reason ? reason : "DuckDB gives no reason";
        fail(Code::INVALID_DATA, "data: cannot read {} as Parquet: {}", path, said.substr(0, said.find('\n')));
    };

    Owned config(api.destroy_config), database(api.close), connection(api.disconnect), statement(api.destroy_prepare),
        pending(api.destroy_pending), chunk(api.destroy_chunk);
    api.create_config(config.address());
    for (const auto& [name, value] :
         {std::pair("threads", "1"), std::pair("temp_directory", ""),
          std::pair("autoinstall_known_extensions", "false"), std::pair("autoload_known_extensions", "false")})
        if (api.set_config(config.get(), name, value) != SUCCESS) refuse(name);
    if (api.open(nullptr, database.address(), config.get(), nullptr) != SUCCESS) refuse("DuckDB does not start");
    if (api.connect(database.get(), connection.address()) != SUCCESS) refuse("DuckDB does not start");
    const auto query = fmt::format("SELECT {} FROM read_parquet($1)", identifier(column));
    if (api.prepare(connection.get(), query.c_str(), statement.address()) != SUCCESS)
        refuse(api.prepare_error(statement.get()));
    if (api.bind_varchar(statement.get(), 1, file.get().c_str()) != SUCCESS) refuse("its name cannot be bound");
    DuckResult result{};
    const std::unique_ptr<DuckResult, void (*)(DuckResult*)> ends(&result, api.destroy_result);
    if (api.pending_streaming(statement.get(), pending.address()) != SUCCESS) refuse(api.pending_error(pending.get()));
    if (api.execute_pending(pending.get(), &result) != SUCCESS) refuse(api.result_error(&result));
    const int type = api.column_type(&result, 0);
    if (type != VARCHAR && type != BLOB) refuse(fmt::format("its column {} holds no text", identifier(column)).c_str());
    while (true) {
        chunk.reset(api.fetch_chunk(result));
        if (chunk.get() == nullptr) break;
        const auto vector = api.chunk_vector(chunk.get(), 0);
        const auto* const texts = static_cast<const DuckString*>(api.vector_data(vector));
        const auto* const valid = api.vector_validity(vector);
        const auto size = api.chunk_size(chunk.get());
        if (size == 0) break;
        for (std::uint64_t i = 0; i < size; ++i)
            take(valid == nullptr || (valid[i / 64] >> (i % 64) & 1) != 0 ? std::optional(texts[i].view())
                                                                          : std::nullopt);
    }
    if (const char* const reason = api.result_error(&result)) refuse(reason);
}

}  // namespace podium::data
