// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/import/state_dict.h"
#include "core/base/error.h"
#include <cmath>

namespace mprdo {

bool isBookkeeping(const std::string& name) { return name.ends_with("num_batches_tracked"); }

at::Tensor checkedValues(const std::string& name, const at::Tensor& tensor)
{
    check(at::isFloatingType(tensor.scalar_type()) || at::isIntegralType(tensor.scalar_type(), true), ErrorCode::Unsupported,
          name, ": cannot convert elements of type ", toString(tensor.scalar_type()), " to float32");
    const at::Tensor values = tensor.detach().to(at::kFloat).contiguous();
    const float* p = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
        check(std::isfinite(p[i]), ErrorCode::NonFinite, name, ": element ", i, " is ", std::isnan(p[i]) ? "NaN" : "infinite");
    if (name.ends_with(".running_var"))
        for (std::int64_t i = 0; i < values.numel(); ++i)
            check(p[i] >= 0, ErrorCode::NonFinite, name, ": element ", i, " is negative, which has no square root");
    return values;
}

} // namespace mprdo
