// What the blocks of docs/C-API.md in C++ include.
#include <chrono>
#include <functional>
#include <string>
#include <system_error>

#include "ucwa.hpp"
