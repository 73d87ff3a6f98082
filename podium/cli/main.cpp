#include "podium/cli/command.h"

int main(int argc, char** argv) {
    return podium::run_command({argv + (argc > 0 ? 1 : 0), static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)});
}
