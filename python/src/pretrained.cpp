// Models of Hugging Face's checkpoints, and tokenizers.
#include <nanobind/stl/unique_ptr.h>

#include "bindings.h"

namespace podium::python {
namespace {

namespace fs = std::filesystem;

/// A model of a checkpoint of any kind: one form for Python.
struct Pretrained {
    virtual ~Pretrained() = default;
    virtual const Tree& parameters() const = 0;
    virtual const std::string& config() const = 0;
    virtual std::string kind() const = 0;
    virtual Tensor call(const Tree& parameters, const Tensors& inputs) const = 0;
    virtual Tree upstream(const Tree& parameters) const = 0;
    virtual void save(const fs::path& folder, const Tree& parameters) const = 0;

protected:
    Pretrained() = default;
    Pretrained(const Pretrained&) = default;
    Pretrained& operator=(const Pretrained&) = default;

    void expect_inputs(const Tensors& inputs, std::size_t least, std::size_t most, std::string_view what) const {
        if (inputs.size() < least || inputs.size() > most)
            fail(Code::INVALID_ARGUMENT, "{}: {} inputs came, and it takes {}", kind(), inputs.size(), what);
    }
};

struct Decoder final : Pretrained {
    generation::PretrainedText of;
    explicit Decoder(const fs::path& folder) : of(generation::open_pretrained(folder)) {}

    const Tree& parameters() const override { return of.parameters; }
    const std::string& config() const override { return of.config; }
    std::string kind() const override { return "decoder"; }
    Tensor call(const Tree& parameters, const Tensors& inputs) const override {
        expect_inputs(inputs, 1, 1, "tokens");
        return of.model(parameters, inputs[0]);
    }
    Tree upstream(const Tree& parameters) const override {
        return models::upstream_parameters(of.model, parameters, of.config);
    }
    void save(const fs::path& folder, const Tree& parameters) const override {
        models::write_decoder(folder, of.model, parameters, of.config);
        if (of.tokenizer) write_tokenizer(folder / "tokenizer.json", *of.tokenizer);
    }

    std::vector<std::vector<TokenId>> decode(const Tree& parameters, const std::vector<std::vector<TokenId>>& prompts,
                                             const generation::DecodeOptions& options) const {
        return generation::decode(of.model, parameters, prompts, options);
    }
    std::vector<std::string> continued(const Tree& parameters, const std::vector<std::string>& prompts,
                                       const generation::DecodeOptions& options) const {
        if (!of.tokenizer)
            fail(Code::NOT_FOUND, "generate: the checkpoint has no tokenizer.json, without which text is no tokens");
        return generation::continued(of.model, parameters, prompts, options, of.tokenizer.get());
    }
};

/// A checkpoint of another kind: its parameters on the default device.
template <class M>
struct Other : Pretrained {
    models::Pretrained<M> of;
    std::shared_ptr<const Tokenizer> tokenizer;
    Other(models::Pretrained<M> read, const fs::path& folder) : of(std::move(read)) {
        of.parameters = generation::evaluated_parameters(std::move(of.parameters));
        if (const auto file = folder / "tokenizer.json"; fs::exists(file))
            tokenizer = std::make_shared<const Tokenizer>(read_tokenizer(file));
    }
    const Tree& parameters() const override { return of.parameters; }
    const std::string& config() const override { return of.config; }
    Tree upstream(const Tree& parameters) const override { return models::upstream_parameters(of.model, parameters); }

protected:
    void save_tokenizer(const fs::path& folder) const {
        if (tokenizer) write_tokenizer(folder / "tokenizer.json", *tokenizer);
    }
};

struct Encoder final : Other<models::Encoder> {
    explicit Encoder(const fs::path& folder) : Other(models::read_encoder(folder), folder) {}
    std::string kind() const override { return "encoder"; }
    Tensor call(const Tree& parameters, const Tensors& inputs) const override {
        if (of.model.options().kind == models::EncoderKind::IMAGES) {
            expect_inputs(inputs, 1, 1, "images");
            return of.model(parameters, inputs[0]);
        }
        expect_inputs(inputs, 1, 3, "tokens, then types, then what is seen");
        models::EncoderInputs more;
        if (inputs.size() > 1) more.types = inputs[1];
        if (inputs.size() > 2) more.seen = inputs[2];
        return of.model(parameters, inputs[0], more);
    }
    void save(const fs::path& folder, const Tree& parameters) const override {
        models::write_encoder(folder, of.model, parameters, of.config);
        save_tokenizer(folder);
    }
};

struct T5 final : Other<models::T5> {
    explicit T5(const fs::path& folder) : Other(models::read_t5(folder), folder) {}
    std::string kind() const override { return "t5"; }
    Tensor call(const Tree& parameters, const Tensors& inputs) const override {
        expect_inputs(inputs, 2, 3, "tokens and outputs, then what of tokens is seen");
        return of.model(parameters, inputs[0], inputs[1], inputs.size() > 2 ? std::optional(inputs[2]) : std::nullopt);
    }
    void save(const fs::path& folder, const Tree& parameters) const override {
        models::write_t5(folder, of.model, parameters, of.config);
        save_tokenizer(folder);
    }
};

struct Resnet final : Pretrained {
    models::PretrainedResnet of;
    Tree all;  ///< parameters, then statistics
    explicit Resnet(const fs::path& folder) : of(models::read_resnet(folder)) {
        all = generation::evaluated_parameters(
            TreeBuilder<Tensor>().add("", of.parameters).add("", of.statistics).build());
    }
    const Tree& parameters() const override { return all; }
    const std::string& config() const override { return of.config; }
    std::string kind() const override { return "resnet"; }
    models::PretrainedResnet with(const Tree& given) const {
        auto resnet = of;
        for (auto* const tree : {&resnet.parameters, &resnet.statistics})
            for (std::size_t i = 0; i < tree->size(); ++i) tree->leaves()[i] = given[tree->path(i)];
        return resnet;
    }
    Tensor call(const Tree& parameters, const Tensors& inputs) const override {
        expect_inputs(inputs, 1, 1, "images");
        const auto resnet = with(parameters);
        return resnet.model(resnet.parameters, resnet.statistics, inputs[0]);
    }
    Tree upstream(const Tree& parameters) const override { return models::upstream_parameters(with(parameters)); }
    void save(const fs::path& folder, const Tree& parameters) const override {
        models::write_resnet(folder, with(parameters));
    }
};

std::unique_ptr<Pretrained> open(const std::string& folder, const std::string& type) {
    if (type == "bert" || type == "vit") return std::make_unique<Encoder>(folder);
    if (type == "t5") return std::make_unique<T5>(folder);
    if (type == "resnet") return std::make_unique<Resnet>(folder);
    return std::make_unique<Decoder>(folder);
}

void make_options(generation::DecodeOptions* options, std::int64_t tokens, double temperature, std::int64_t top_k,
                  double top_p, std::int64_t beams, std::uint64_t seed, std::vector<TokenId> ends) {
    const generation::DrawOptions draw{.temperature = temperature, .top_k = top_k, .top_p = top_p};
    new (options) generation::DecodeOptions{draw, tokens, beams, std::move(ends), seed};
}

}  // namespace

void bind_pretrained(nb::module_& parent) {
    auto module = parent.def_submodule("pretrained");
    nb::class_<Tokenizer>(module, "Tokenizer", "A tokenizer.json.")
        .def("encode", &Tokenizer::encode, "text"_a, Released())
        .def(
            "encode_for_model",
            [](const Tokenizer& tokenizer, std::string_view text, std::optional<std::string_view> second) {
                auto [ids, types] = tokenizer.encode_for_model(text, second);
                return std::pair(std::move(ids), std::move(types));
            },
            "text"_a, "second"_a = nb::none(), Released())
        .def(
            "decode",
            [](const Tokenizer& tokenizer, const std::vector<TokenId>& ids) {
                const auto bytes = tokenizer.decode(ids);
                return nb::bytes(bytes.data(), bytes.size());
            },
            "ids"_a)
        .def("size", &Tokenizer::size);
    module.def(
        "read_tokenizer", [](const std::string& file) { return read_tokenizer(file); }, "file"_a, Released());

    nb::class_<generation::DecodeOptions>(module, "DecodeOptions", "How texts are made.")
        .def("__init__", &make_options, "tokens"_a, "temperature"_a, "top_k"_a, "top_p"_a, "beams"_a, "seed"_a,
             "ends"_a);

    nb::class_<Pretrained>(module, "Pretrained", "A model of a checkpoint.")
        .def_prop_ro("kind", &Pretrained::kind)
        .def_prop_ro("config", &Pretrained::config)
        .def("parameters", &Pretrained::parameters)
        .def("upstream", &Pretrained::upstream, "parameters"_a)
        .def("__call__", &Pretrained::call, "parameters"_a, "inputs"_a)
        .def(
            "save",
            [](const Pretrained& model, const std::string& folder, const Tree& parameters) {
                model.save(folder, parameters);
            },
            "folder"_a, "parameters"_a, Released());
    nb::class_<Decoder, Pretrained>(module, "Decoder", "A decoder of a checkpoint.")
        .def_prop_ro("ends", [](const Decoder& model) { return model.of.ends; })
        .def("decode", &Decoder::decode, "parameters"_a, "prompts"_a, "options"_a, Released())
        .def(
            "continued",
            [](const Decoder& model, const Tree& parameters, const std::vector<std::string>& prompts,
               const generation::DecodeOptions& options) {
                std::vector<std::string> texts;
                {
                    const nb::gil_scoped_release released;
                    texts = model.continued(parameters, prompts, options);
                }
                std::vector<nb::bytes> result;
                for (const auto& text : texts) result.emplace_back(text.data(), text.size());
                return result;
            },
            "parameters"_a, "prompts"_a, "options"_a);
    module.def("open", &open, "folder"_a, "type"_a, Released(), "Returns the model of a folder by its model_type.");
}

}  // namespace podium::python
