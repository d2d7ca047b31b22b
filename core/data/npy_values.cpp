// SPDX-License-Identifier: GPL-3.0-or-later
// The elements of a .npy file as images and labels.
#include "core/base/error.h"
#include "core/data/layouts.h"
#include "core/data/npy_array.h"
#include <algorithm>
#include <cmath>

namespace mprdo {
namespace {

at::ScalarType elementType(const NpyArray& array)
{
    if (array.kind == 'f')
        return array.itemBytes == 2 ? at::kHalf : array.itemBytes == 4 ? at::kFloat : at::kDouble;
    switch (array.itemBytes) {
    case 1: return array.kind == 'i' ? at::kChar : at::kByte; // booleans are bytes
    case 2: return at::kShort;
    case 4: return at::kInt;
    default: return at::kLong;
    }
}

/// The elements in C order; unsigned ones of more than a byte in a wider type (those of 8 bytes as they are).
at::Tensor elements(const NpyArray& array)
{
    const at::ScalarType type = elementType(array);
    std::vector<std::int64_t> shape = array.shape;
    if (array.fortranOrder)
        std::reverse(shape.begin(), shape.end());
    std::string swapped;
    const char* data = array.data.data();
    if (array.itemBytes > 1) { // copied: elements may lie at any byte
        swapped = std::string(array.data);
        for (std::size_t i = 0; array.bigEndian && i < swapped.size(); i += static_cast<std::size_t>(array.itemBytes))
            std::reverse(swapped.begin() + static_cast<std::ptrdiff_t>(i),
                         swapped.begin() + static_cast<std::ptrdiff_t>(i) + array.itemBytes);
        data = swapped.data();
    }
    const at::Tensor lying = at::from_blob(const_cast<char*>(data), shape, type);
    at::Tensor own = array.kind != 'u' || array.itemBytes == 1 || array.itemBytes == 8
        ? lying.clone()
        : lying.to(at::kLong).bitwise_and(std::int64_t(array.itemBytes == 2 ? 0xffff : 0xffffffff));
    if (!array.fortranOrder)
        return own;
    std::vector<std::int64_t> backwards;
    for (std::int64_t d = lying.dim() - 1; d >= 0; --d)
        backwards.push_back(d);
    return own.permute(backwards).contiguous();
}

/// Values as 0 to 255, or the sentence that says why not.
at::Tensor pixels(const NpyArray& array, const at::Tensor& values)
{
    if (values.scalar_type() == at::kByte)
        return values;
    const at::Tensor wide = array.kind == 'f' ? values.to(at::kFloat) : values;
    const double low = wide.min().item<double>(), high = wide.max().item<double>(); // NaN where there is one
    if (array.kind != 'f') {
        check(low >= 0 && high <= 255, ErrorCode::Unsupported, array.name, ": ", array.text(), " with values from ", low, " to ",
              high, "; pixels are 0 to 255");
        return wide.to(at::kByte);
    }
    if (low >= 0 && high <= 1)
        return wide.mul(255).round().to(at::kByte);
    const bool whole = low >= 0 && high <= 255 && wide.eq(wide.floor()).all().item<bool>();
    check(whole, ErrorCode::Unsupported, array.name, ": ", array.text(), " with values from ", low, " to ", high,
          "; floats must be pixels of 0 to 1, or whole ones of 0 to 255 (images that were normalised are not read)");
    return wide.to(at::kByte);
}

} // namespace

at::Tensor npyImages(const NpyArray& array)
{
    const auto& s = array.shape;
    check(array.kind != 'b', ErrorCode::Unsupported, array.name, ": ", array.text(), "; pixels are integers or floats");
    const bool last = s.size() == 4 && (s[3] == 3 || s[3] == 1), first = s.size() == 4 && !last && (s[1] == 3 || s[1] == 1);
    check(s.size() == 3 || last || first, ErrorCode::Unsupported, array.name, ": ", array.text(),
          "; images are [N, H, W, 3], [N, 3, H, W] or [N, H, W]");
    const bool any = std::all_of(s.begin(), s.end(), [](std::int64_t side) { return side > 0; });
    check(any, ErrorCode::BadFile, array.name, ": ", array.text(), " holds no images");
    const std::int64_t height = s[first ? 2 : 1], width = s[first ? 3 : 2];
    check(height <= kLargestInputSide && width <= kLargestInputSide, ErrorCode::Unsupported, array.name, ": ", array.text(),
          ", at most ", kLargestInputSide, " pixels a side are read");
    checkPixels(array.name, s[0], height, width);
    at::Tensor out = pixels(array, elements(array));
    if (s.size() == 3)
        out = out.unsqueeze(1);
    else if (last)
        out = out.permute({0, 3, 1, 2});
    return out.expand({s[0], 3, height, width}).contiguous();
}

at::Tensor npyLabels(const NpyArray& array, std::int64_t* width)
{
    const auto& s = array.shape;
    if (width != nullptr)
        *width = 0;
    check(s.size() == 1 || (s.size() == 2 && s[1] >= 1), ErrorCode::Unsupported, array.name, ": ", array.text(),
          "; labels are [N] or [N, 1], the number of a class each, or one-hot [N, C]");
    check(s[0] > 0, ErrorCode::BadFile, array.name, ": ", array.text(), " holds no labels");
    const at::Tensor values = elements(array);
    if (s.size() == 2 && s[1] > 1) {
        const at::Tensor ones = values.eq(1).sum(1), others = values.ne(0).sum(1);
        check((ones.eq(1) & others.eq(1)).all().item<bool>(), ErrorCode::Unsupported, array.name, ": ", array.text(),
              "; labels are [N] or [N, 1], or one-hot [N, C] with one 1 among zeros in every row");
        if (width != nullptr)
            *width = s[1];
        return values.eq(1).to(at::kByte).argmax(1);
    }
    if (array.kind == 'f')
        check(values.eq(values.floor()).all().item<bool>() && values.abs().max().item<double>() < 1e9, ErrorCode::Unsupported, array.name, ": ",
              array.text(), "; labels are integers");
    const at::Tensor out = values.to(at::kLong).view({s[0]});
    const auto low = out.min().item<std::int64_t>();
    check(low >= 0, ErrorCode::BadFile, array.name, ": the label ", low, "; labels count from 0");
    return out;
}

} // namespace mprdo
