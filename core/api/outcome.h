// SPDX-License-Identifier: GPL-3.0-or-later
// How anything above core learns that work failed or was cancelled: as a value.
#pragma once
#include <string>
#include <utility>
#include <variant>

namespace mprdo {

enum class ErrorCode {
    Usage,            ///< the caller's options contradict each other or name what is not there
    BadFile,          ///< a file's contents are not what they claim
    Io,               ///< the operating system refused
    Unsupported,      ///< well-formed, but nothing we can run
    ShapeMismatch,    ///< a tensor has not the shape its place demands
    NonFinite,        ///< NaN or infinity where a number must stand
    BudgetInfeasible, ///< no allocation fits the target
    OutOfMemory,
    Internal
};

/// An error as a value. message is one sentence that names the object and the exact condition.
struct Failure {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string context; ///< what was being done ("while reading data_batch_1.bin"); may be empty
};

/// The user's wish, not an error. where says what was finished and kept.
struct Cancelled {
    std::string where;
};

template <class T>
using Outcome = std::variant<T, Failure, Cancelled>;

/// Turns the exception in flight into a Failure (LibTorch's, bad_alloc's and ours).
Failure failureFromCurrentException();

/// Runs f and returns its value, or the Failure or Cancelled it threw. Nothing escapes.
template <class F>
auto runGuarded(F&& f) -> Outcome<decltype(f())>
{
    try {
        return std::forward<F>(f)();
    } catch (const Cancelled& cancelled) {
        return cancelled;
    } catch (...) {
        return failureFromCurrentException();
    }
}

} // namespace mprdo
