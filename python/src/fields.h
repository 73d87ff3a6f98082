#pragma once

#include "bindings.h"

namespace podium::python {

/// Visits fields and does nothing: what `visit_fields` takes it for is an option struct.
struct AnyField {
    template <class T>
    void operator()(std::string_view name, T& field, std::string_view text);
};
template <class T>
concept OptionStruct = requires(AnyField& visitor, T& options) { visit_fields(visitor, options); };

template <class Options>
Options with_fields(Options options, const nb::dict& given, const std::string& what);

/// Gives a field of an option struct, found by its name, the value of a Python object.
class GivenField {
public:
    GivenField(std::string_view name, nb::handle value) : name_(name), value_(value) {}
    bool found() const { return found_; }

    template <class T>
    void operator()(std::string_view name, T& field, std::string_view) {
        if (name != name_) return;
        if constexpr (requires { enum_names(field); }) {
            found_ = true;
            field = by_name<T>(nb::cast<std::string>(value_));
        } else if constexpr (OptionStruct<T>) {
            found_ = true;
            field = with_fields(field, nb::cast<nb::dict>(value_), std::string(name_));
        } else {
            found_ = true;
            field = nb::cast<T>(value_);
        }
    }

private:
    template <class T>
    T by_name(const std::string& given) const {
        std::vector<std::string_view> names;
        for (const auto& [value, text] : enum_names(T{})) {
            if (text == given) return value;
            names.push_back(text);
        }
        fail(Code::INVALID_ARGUMENT, "{}: \"{}\" is none of {}", name_, given, fmt::join(names, ", "));
    }

    std::string_view name_;
    nb::handle value_;
    bool found_ = false;
};

/// Returns the option struct with the fields that a dict gives; throws TypeError for names that it does not have.
template <class Options>
Options with_fields(Options options, const nb::dict& given, const std::string& what) {
    for (const auto [key, value] : given) {
        GivenField field(nb::cast<std::string_view>(key), value);
        visit_fields(field, options);
        if (!field.found()) throw nb::type_error((what + ": there is no option " + nb::cast<std::string>(key)).c_str());
    }
    return options;
}

}  // namespace podium::python
