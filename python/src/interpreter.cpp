// What the bindings need of the interpreter itself: references that any thread may drop, and the user's line.
#include <mutex>
#include <unordered_map>

#include "bindings.h"

namespace podium::python {
namespace {

std::mutex waiting_mutex;
std::vector<PyObject*> waiting;  ///< given up by threads without the interpreter

int release_waiting(void*) {
    std::vector<PyObject*> objects;
    {
        const std::lock_guard lock(waiting_mutex);
        objects.swap(waiting);
    }
    for (PyObject* object : objects) Py_DECREF(object);
    return 0;
}

/// A source file as locations name it: for as long as the process lives.
struct File {
    std::string path;
    bool is_podium = false;
};

const File& file_of(PyObject* path) {
    static std::unordered_map<std::string, File> files;
    static const std::string package = nb::cast<std::string>(nb::module_::import_("os.path").attr("dirname")(
                                           nb::module_::import_("podium").attr("__file__"))) +
                                       "/";
    const std::string text = PyUnicode_AsUTF8(path);
    auto& file = files[text];
    if (file.path.empty()) file = {text, text.starts_with(package)};
    return file;
}

}  // namespace

void release(PyObject* object) {
    if (Py_IsInitialized() == 0) return;
    if (PyGILState_Check() != 0) {
        Py_DECREF(object);
        release_waiting(nullptr);
        return;
    }
    {
        const std::lock_guard lock(waiting_mutex);
        waiting.push_back(object);
    }
    Py_AddPendingCall(release_waiting, nullptr);  // where the queue is full, the next release takes it
}

std::shared_ptr<const void> shared(nb::handle object) {
    return {object.inc_ref().ptr(), [](const void* held) { release(static_cast<PyObject*>(const_cast<void*>(held))); }};
}

Location user_line() {
    Location line;
    PyFrameObject* frame = PyThreadState_GetFrame(PyThreadState_Get());
    while (frame != nullptr) {
        PyCodeObject* code = PyFrame_GetCode(frame);
        const File& file = file_of(code->co_filename);
        Py_DECREF(code);
        line.file = file.path.c_str();
        line.line = static_cast<std::uint32_t>(PyFrame_GetLineNumber(frame));
        PyFrameObject* caller = file.is_podium ? PyFrame_GetBack(frame) : nullptr;
        Py_DECREF(frame);
        frame = caller;
    }
    return line;
}

}  // namespace podium::python
