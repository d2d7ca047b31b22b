// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/torch.h"
#include <new>

namespace mprdo {
namespace {

std::string firstLine(const std::string& s) { return s.substr(0, s.find('\n')); }

} // namespace

Failure failureFromCurrentException()
{
    try {
        throw;
    } catch (const Error& e) {
        return {e.code(), e.what(), e.context()};
    } catch (const std::bad_alloc&) {
        return {ErrorCode::OutOfMemory, "not enough memory", {}};
    } catch (const c10::Error& e) {
        return {ErrorCode::Internal, "LibTorch: " + firstLine(e.what_without_backtrace()), {}};
    } catch (const std::exception& e) {
        return {ErrorCode::Internal, firstLine(e.what()), {}};
    } catch (...) {
        return {ErrorCode::Internal, "an unknown exception", {}};
    }
}

} // namespace mprdo
