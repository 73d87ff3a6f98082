#include "podium/plugins/pins.h"

#include <nlohmann/json.hpp>

#include "podium/base/error.h"
#include "podium/base/file.h"
#include "podium/base/user_folder.h"

namespace podium::plugins {
namespace {

constexpr std::string_view APACHE =
    "Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0\n"
    "XLA's authors; source and notices: https://github.com/openxla/xla";

std::vector<Pin> make_pins() {
    const std::string pypi = "https://files.pythonhosted.org/packages/";
    return {
        {.name = "cpu",
         .package = "xla-cpu-pjrt",
         .version = "0.0.1",
         .url = pypi + "5d/ca/5487881b30d07396c168749ead36f57dbc4538cafdc535943afc81b3e5a2/"
                       "xla_cpu_pjrt-0.0.1-py3-none-manylinux_2_27_x86_64.whl",
         .sha256 = "55837b6b7b47daa717f2d9a5a03563ea0ceaa338d06a81a1e2d3f060d960decc",
         .size = 63'461'052,
         .members = {"xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"},
         .license = std::string(APACHE),
         .note = ""},
        {.name = "tpu",
         .package = "libtpu",
         .version = "0.0.51",
         .url = pypi + "c5/cc/d02d51c1ad9645df3bcdb97a037d82de44db0e2ceb19b28df3d86a2f65b6/"
                       "libtpu-0.0.51-cp311-cp311-manylinux_2_31_x86_64.whl",
         .sha256 = "ba67ddbfdbac61c8da1fafc26cd51b93e9fe4d298016e2882eb986b1718cba34",
         .size = 204'805'508,
         .members = {"libtpu/libtpu.so", "libtpu/LICENSE", "libtpu/THIRD_PARTY_NOTICES.txt"},
         .license =
             "Copyright Google LLC. libtpu is made available as \"Software\" under the agreement governing your\n"
             "use of Google Cloud Platform (or if none exists, https://cloud.google.com/terms), including the\n"
             "Service Specific Terms: https://cloud.google.com/terms/service-terms",
         .note = "It compiles for TPUs that are not here, too: podium plan."},
        {.name = "cuda",
         .package = "jax-cuda13-pjrt",
         .version = "0.10.2",
         .url = pypi + "55/09/17733fa3ef4f183b70d5e55f7fe7c712017fac7ec7a22e39dab1539acdb8/"
                       "jax_cuda13_pjrt-0.10.2-py3-none-manylinux_2_27_x86_64.whl",
         .sha256 = "a97e9cabe0e21d8dbcc70bd909ca1c34cd546d3ce2d94b4cd907a8d4f6179f6a",
         .size = 124'395'292,
         .members = {"jax_plugins/xla_cuda13/xla_cuda_plugin.so"},
         .license = std::string(APACHE),
         .note = "It needs NVIDIA's driver, CUDA 13 and cuDNN 9, which are not part of it."},
        {.name = std::string(ONEDNN_PLUGIN),
         .package = "onednn-cpu-gomp",
         .version = "2023.2.0",
         .url = pypi + "65/b4/792e6d3ef02a0e14fdc0392bd378dc78f3c8356e6a40fda8c0b9366628a1/"
                       "onednn_cpu_gomp-2023.2.0-py2.py3-none-manylinux1_x86_64.whl",
         .sha256 = "2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb",
         .size = 38'888'991,
         .members = {"onednn_cpu_gomp-2023.2.0.data/data/lib/libdnnl.so.3",
                     "onednn_cpu_gomp-2023.2.0.data/data/share/doc/onednn/LICENSE",
                     "onednn_cpu_gomp-2023.2.0.data/data/share/doc/onednn/THIRD-PARTY-PROGRAMS"},
         .license = "Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0\n"
                    "Intel Corporation and others; source and notices: https://github.com/uxlfoundation/oneDNN",
         .note = "It serves no device: faster products and convolutions on the CPU, which podium doctor measures. It "
                 "needs GNU's OpenMP (Debian: libgomp1)."},
        {.name = std::string(PARQUET_PLUGIN),
         .package = "duckdb",
         .version = "1.5.6",
         .url = "https://registry.npmjs.org/@duckdb/node-bindings-linux-x64/-/node-bindings-linux-x64-1.5.6-r.1.tgz",
         .sha256 = "1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff",
         .size = 23'927'610,
         .members = {"package/libduckdb.so", "package/LICENSE"},
         .license = "MIT License, Stichting DuckDB Foundation: https://github.com/duckdb/duckdb/blob/main/LICENSE",
         .note = "It serves no device: data.train reads .parquet files with it."},
    };
}

Pin pin_of(const nlohmann::json& row) {
    return {.name = row.at("name"),
            .package = row.at("package"),
            .version = row.at("version"),
            .url = row.at("url"),
            .sha256 = row.at("sha256"),
            .size = row.at("size"),
            .members = row.at("members"),
            .license = row.at("license"),
            .note = row.value("note", "")};
}

}  // namespace

const std::vector<Pin>& pins() {
    static const std::vector<Pin> rows = make_pins();
    return rows;
}

std::vector<Pin> read_pins(const std::filesystem::path& file) {
    std::vector<Pin> rows;
    try {
        const auto parsed = nlohmann::json::parse(read_file(file));
        for (const auto& row : parsed.at("plugins")) rows.push_back(pin_of(row));
    } catch (const nlohmann::json::exception& error) {
        fail(Code::INVALID_DATA, "pins: {} is not a list of wheels: {}", file.string(), error.what());
    }
    return rows;
}

const Pin& find_pin(const std::vector<Pin>& rows, const std::string& name) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Pin& pin) { return pin.name == name; });
    if (found != rows.end()) return *found;
    std::vector<std::string> names;
    names.reserve(rows.size());
    for (const auto& pin : rows) names.push_back(pin.name);
    fail(Code::INVALID_ARGUMENT, "plugin: there is none named \"{}\"; there are {}", name, fmt::join(names, ", "));
}

}  // namespace podium::plugins
