#include "podium/runtime/pjrt/onednn.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>

#include <array>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include "podium/base/error.h"
#include "podium/base/log.h"

namespace podium::onednn {
namespace {

constexpr const char* LIBRARY = "libdnnl.so.3";
constexpr std::size_t ALIGNMENT = 64;

/// The library's functions; it stays loaded.
struct Library {
    decltype(&dnnl_engine_create) engine_create = nullptr;
    decltype(&dnnl_stream_create) stream_create = nullptr;
    decltype(&dnnl_memory_desc_create_with_strides) memory_desc_create_with_strides = nullptr;
    decltype(&dnnl_memory_desc_create_with_tag) memory_desc_create_with_tag = nullptr;
    decltype(&dnnl_memory_desc_destroy) memory_desc_destroy = nullptr;
    decltype(&dnnl_memory_desc_get_size) memory_desc_get_size = nullptr;
    decltype(&dnnl_memory_create) memory_create = nullptr;
    decltype(&dnnl_memory_destroy) memory_destroy = nullptr;
    decltype(&dnnl_primitive_attr_create) primitive_attr_create = nullptr;
    decltype(&dnnl_primitive_attr_set_scratchpad_mode) primitive_attr_set_scratchpad_mode = nullptr;
    decltype(&dnnl_primitive_attr_set_post_ops) primitive_attr_set_post_ops = nullptr;
    decltype(&dnnl_post_ops_create) post_ops_create = nullptr;
    decltype(&dnnl_post_ops_append_sum) post_ops_append_sum = nullptr;
    decltype(&dnnl_post_ops_destroy) post_ops_destroy = nullptr;
    decltype(&dnnl_primitive_desc_query_md) primitive_desc_query_md = nullptr;
    decltype(&dnnl_primitive_desc_destroy) primitive_desc_destroy = nullptr;
    decltype(&dnnl_primitive_create) primitive_create = nullptr;
    decltype(&dnnl_primitive_execute) primitive_execute = nullptr;
    decltype(&dnnl_primitive_destroy) primitive_destroy = nullptr;
    decltype(&dnnl_reorder_primitive_desc_create) reorder_primitive_desc_create = nullptr;
    decltype(&dnnl_matmul_primitive_desc_create) matmul_primitive_desc_create = nullptr;
    decltype(&dnnl_convolution_forward_primitive_desc_create) convolution_forward_primitive_desc_create = nullptr;
    decltype(&dnnl_convolution_backward_data_primitive_desc_create) convolution_backward_data_primitive_desc_create =
        nullptr;
    decltype(&dnnl_convolution_backward_weights_primitive_desc_create)
        convolution_backward_weights_primitive_desc_create = nullptr;
    int (*max_threads)() = nullptr;
    void (*set_threads)(int) = nullptr;
    dnnl_engine_t engine = nullptr;
    dnnl_stream_t stream = nullptr;
    dnnl_primitive_attr_t attributes = nullptr, adding = nullptr;  ///< a result as it is, or added to what is there

    /// Returns what is wrong; nothing where all is well.
    std::string load(const std::filesystem::path& file) {
        void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) return dlerror();
        bool complete = true;
        const auto find = [&](auto& function, const char* name) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
            complete = complete && function != nullptr;
        };
        find(engine_create, "dnnl_engine_create");
        find(stream_create, "dnnl_stream_create");
        find(memory_desc_create_with_strides, "dnnl_memory_desc_create_with_strides");
        find(memory_desc_create_with_tag, "dnnl_memory_desc_create_with_tag");
        find(memory_desc_destroy, "dnnl_memory_desc_destroy");
        find(memory_desc_get_size, "dnnl_memory_desc_get_size");
        find(memory_create, "dnnl_memory_create");
        find(memory_destroy, "dnnl_memory_destroy");
        find(primitive_attr_create, "dnnl_primitive_attr_create");
        find(primitive_attr_set_scratchpad_mode, "dnnl_primitive_attr_set_scratchpad_mode");
        find(primitive_attr_set_post_ops, "dnnl_primitive_attr_set_post_ops");
        find(post_ops_create, "dnnl_post_ops_create");
        find(post_ops_append_sum, "dnnl_post_ops_append_sum");
        find(post_ops_destroy, "dnnl_post_ops_destroy");
        find(primitive_desc_query_md, "dnnl_primitive_desc_query_md");
        find(primitive_desc_destroy, "dnnl_primitive_desc_destroy");
        find(primitive_create, "dnnl_primitive_create");
        find(primitive_execute, "dnnl_primitive_execute");
        find(primitive_destroy, "dnnl_primitive_destroy");
        find(reorder_primitive_desc_create, "dnnl_reorder_primitive_desc_create");
        find(matmul_primitive_desc_create, "dnnl_matmul_primitive_desc_create");
        find(convolution_forward_primitive_desc_create, "dnnl_convolution_forward_primitive_desc_create");
        find(convolution_backward_data_primitive_desc_create, "dnnl_convolution_backward_data_primitive_desc_create");
        find(convolution_backward_weights_primitive_desc_create,
             "dnnl_convolution_backward_weights_primitive_desc_create");
        find(max_threads, "omp_get_max_threads");
        find(set_threads, "omp_set_num_threads");
        if (!complete) return "it lacks functions of oneDNN 3.2 with OpenMP";
        dnnl_post_ops_t sum = nullptr;
        const bool ready = engine_create(&engine, dnnl_cpu, 0) == dnnl_success &&
                           stream_create(&stream, engine, dnnl_stream_default_flags) == dnnl_success &&
                           primitive_attr_create(&attributes) == dnnl_success &&
                           primitive_attr_create(&adding) == dnnl_success && post_ops_create(&sum) == dnnl_success &&
                           post_ops_append_sum(sum, 1.0F, 0, dnnl_data_type_undef) == dnnl_success &&
                           primitive_attr_set_post_ops(adding, sum) == dnnl_success &&
                           primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success &&
                           primitive_attr_set_scratchpad_mode(adding, dnnl_scratchpad_mode_user) == dnnl_success;
        if (sum != nullptr) post_ops_destroy(sum);  // the attributes have a copy
        return ready ? "" : "it does not start";
    }
};

/// Null where there is none.
const Library* loaded() {
    static const Library* const library = []() -> const Library* {
        const auto file = find_library();
        if (!file) return nullptr;
        // Never destroyed, like the operators that use it.
        auto& made = *new Library;
        const auto problem = made.load(*file);
        if (problem.empty()) return &made;
        logger().warn("kernels: {} is not used: {}", file->string(), problem);
        return nullptr;
    }();
    return library;
}

/// While it lives, oneDNN plans for and runs on this thread alone, whatever else uses OpenMP in the process.
class OneThread {
public:
    explicit OneThread(const Library& library) : library_(library), before_(library.max_threads()) {
        library_.set_threads(1);
    }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;
    ~OneThread() { library_.set_threads(before_); }

private:
    const Library& library_;
    int before_;
};

void expect(dnnl_status_t status, std::string_view what) {
    if (status == dnnl_success) return;
    fail(status == dnnl_out_of_memory ? Code::RESOURCE_EXHAUSTED : Code::INTERNAL, "oneDNN: {} failed with status {}",
         what, static_cast<int>(status));
}

dnnl_data_type_t type_of(DataType type) { return type == DataType::BFLOAT16 ? dnnl_bf16 : dnnl_f32; }

int index_of(Role role) {
    constexpr std::array INDICES{DNNL_ARG_SRC,      DNNL_ARG_WEIGHTS,      DNNL_ARG_DST,
                                 DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST};
    return INDICES[static_cast<std::size_t>(role)];
}

/// A layout in oneDNN's words.
class Descriptor {
public:
    explicit Descriptor(const Layout& layout) {
        const auto rank = static_cast<int>(layout.dims.size());
        const auto type = type_of(layout.type);
        expect(layout.strides.empty() ? loaded()->memory_desc_create_with_tag(&descriptor_, rank, layout.dims.data(),
                                                                              type, dnnl_format_tag_any)
                                      : loaded()->memory_desc_create_with_strides(
                                            &descriptor_, rank, layout.dims.data(), type, layout.strides.data()),
               "a layout");
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { loaded()->memory_desc_destroy(descriptor_); }
    const_dnnl_memory_desc_t get() const { return descriptor_; }

private:
    dnnl_memory_desc_t descriptor_ = nullptr;
};

/// Bytes of this thread that a primitive works in; they grow and stay.
void* scratch(std::size_t bytes) {
    struct Free {
        void operator()(std::byte* memory) const { ::operator delete[](memory, std::align_val_t(ALIGNMENT)); }
    };
    thread_local std::unique_ptr<std::byte[], Free> memory;
    thread_local std::size_t size = 0;
    if (bytes > size) {
        memory.reset(new (std::align_val_t(ALIGNMENT)) std::byte[bytes]);
        size = bytes;
    }
    return memory.get();
}

}  // namespace

struct Primitive::State {
    dnnl_primitive_desc_t descriptor = nullptr;
    dnnl_primitive_t primitive = nullptr;
    std::size_t scratch_bytes = 0;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (primitive != nullptr) loaded()->primitive_destroy(primitive);
        if (descriptor != nullptr) loaded()->primitive_desc_destroy(descriptor);
    }
    const_dnnl_memory_desc_t layout(int argument) const {
        return loaded()->primitive_desc_query_md(descriptor, dnnl_query_exec_arg_md, argument);
    }
};

/// Makes a primitive of the descriptor that `describe` writes.
struct Maker {
    template <class Describe>
    static PrimitivePtr make(std::string_view what, const Describe& describe) {
        const OneThread alone(*loaded());
        auto state = std::make_unique<Primitive::State>();
        expect(describe(&state->descriptor), what);
        expect(loaded()->primitive_create(&state->primitive, state->descriptor), what);
        state->scratch_bytes = loaded()->memory_desc_get_size(state->layout(DNNL_ARG_SCRATCHPAD));
        return PrimitivePtr(new Primitive(std::move(state)));
    }
    static PrimitivePtr copy(const_dnnl_memory_desc_t from, const_dnnl_memory_desc_t to) {
        return make("a copy", [&](dnnl_primitive_desc_t* made) {
            return loaded()->reorder_primitive_desc_create(made, from, loaded()->engine, to, loaded()->engine,
                                                           loaded()->attributes);
        });
    }
};

Primitive::Primitive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Primitive::~Primitive() = default;

void Primitive::run(std::span<const Argument> arguments) const {
    const Library& library = *loaded();
    const OneThread alone(library);
    constexpr std::size_t MOST = 4;  // three arrays and the scratchpad
    std::array<dnnl_exec_arg_t, MOST> all{};
    std::size_t count = 0;
    const auto add = [&](int index, void* data) {
        all[count].arg = index;
        expect(library.memory_create(&all[count].memory, state_->layout(index), library.engine, data), "memory");
        ++count;
    };
    for (const auto& argument : arguments) add(index_of(argument.role), const_cast<void*>(argument.data));
    add(DNNL_ARG_SCRATCHPAD, scratch(state_->scratch_bytes));
    const auto status =
        library.primitive_execute(state_->primitive, library.stream, static_cast<int>(count), all.data());
    for (std::size_t i = 0; i < count; ++i) library.memory_destroy(all[i].memory);
    expect(status, "a computation");
}

std::size_t Primitive::bytes(Role role) const { return loaded()->memory_desc_get_size(state_->layout(index_of(role))); }

PrimitivePtr Primitive::into(Role role, const Layout& from) const {
    return Maker::copy(Descriptor(from).get(), state_->layout(index_of(role)));
}
PrimitivePtr Primitive::out_of(Role role, const Layout& to) const {
    return Maker::copy(state_->layout(index_of(role)), Descriptor(to).get());
}

std::optional<std::filesystem::path> find_library(const DiscoverOptions& options) {
    for (const auto& folder : plugin_folders(options)) {
        auto file = folder / ONEDNN_PLUGIN / LIBRARY;
        std::error_code missing;
        if (std::filesystem::is_regular_file(file, missing)) return file;
    }
    return std::nullopt;
}

bool is_there() { return loaded() != nullptr; }

PrimitivePtr known(const Dims& key, const std::function<PrimitivePtr()>& make) {
    struct Known {
        std::mutex mutex;
        std::map<Dims, PrimitivePtr> primitives;
    };
    static auto& all = *new Known;  // never destroyed: programs may run until the process's end
    const std::lock_guard lock(all.mutex);
    auto& primitive = all.primitives[key];
    if (primitive == nullptr) primitive = make();
    return primitive;
}

PrimitivePtr copy(const Layout& from, const Layout& to) {
    return Maker::copy(Descriptor(from).get(), Descriptor(to).get());
}

PrimitivePtr product(const Layout& lhs, const Layout& rhs, const Layout& result, bool added) {
    const Descriptor a(lhs), b(rhs), c(result);
    return Maker::make("a matrix product", [&](dnnl_primitive_desc_t* made) {
        return loaded()->matmul_primitive_desc_create(made, loaded()->engine, a.get(), b.get(), nullptr, c.get(),
                                                      added ? loaded()->adding : loaded()->attributes);
    });
}

namespace {

/// The descriptor of a convolution, which its gradients need as a hint.
class Forward {
public:
    explicit Forward(const ConvolutionArrays& arrays)
        : input_(arrays.input), kernel_(arrays.kernel), output_(arrays.output), dilation_(arrays.windows.dilation) {
        for (auto& distance : dilation_) --distance;  // oneDNN counts what lies between
        const auto& w = arrays.windows;
        const OneThread alone(*loaded());
        expect(loaded()->convolution_forward_primitive_desc_create(
                   &descriptor_, loaded()->engine, dnnl_forward_training, dnnl_convolution_direct, input_.get(),
                   kernel_.get(), nullptr, output_.get(), w.strides.data(), dilation_.data(), w.low.data(),
                   w.high.data(), loaded()->attributes),
               "a convolution");
    }
    Forward(const Forward&) = delete;
    Forward& operator=(const Forward&) = delete;
    ~Forward() {
        if (descriptor_ != nullptr) loaded()->primitive_desc_destroy(descriptor_);
    }

    const Descriptor& input() const { return input_; }
    const Descriptor& kernel() const { return kernel_; }
    const Descriptor& output() const { return output_; }
    const Dims& dilation() const { return dilation_; }
    const_dnnl_primitive_desc_t get() const { return descriptor_; }
    dnnl_primitive_desc_t take() { return std::exchange(descriptor_, nullptr); }

private:
    Descriptor input_, kernel_, output_;
    Dims dilation_;
    dnnl_primitive_desc_t descriptor_ = nullptr;
};

}  // namespace

PrimitivePtr convolution(const ConvolutionArrays& arrays) {
    Forward forward(arrays);
    return Maker::make("a convolution", [&](dnnl_primitive_desc_t* made) {
        *made = forward.take();
        return dnnl_success;
    });
}

PrimitivePtr convolution_input_gradient(const ConvolutionArrays& arrays) {
    const Forward forward(arrays);
    const auto& w = arrays.windows;
    return Maker::make("a convolution's input gradient", [&](dnnl_primitive_desc_t* made) {
        return loaded()->convolution_backward_data_primitive_desc_create(
            made, loaded()->engine, dnnl_convolution_direct, forward.input().get(), forward.kernel().get(),
            forward.output().get(), w.strides.data(), forward.dilation().data(), w.low.data(), w.high.data(),
            forward.get(), loaded()->attributes);
    });
}

PrimitivePtr convolution_kernel_gradient(const ConvolutionArrays& arrays) {
    const Forward forward(arrays);
    const Descriptor gradient({DataType::FLOAT32, arrays.kernel.dims, arrays.kernel.strides});
    const auto& w = arrays.windows;
    return Maker::make("a convolution's kernel gradient", [&](dnnl_primitive_desc_t* made) {
        return loaded()->convolution_backward_weights_primitive_desc_create(
            made, loaded()->engine, dnnl_convolution_direct, forward.input().get(), gradient.get(), nullptr,
            forward.output().get(), w.strides.data(), forward.dilation().data(), w.low.data(), w.high.data(),
            forward.get(), loaded()->attributes);
    });
}

}  // namespace podium::onednn
