#include "podium/exec/bucketing.h"

#include <algorithm>
#include <cstring>

namespace podium {

DynamicDimension dynamic(std::string pattern, std::int64_t axis, std::int64_t maximum, std::int64_t count) {
    DynamicDimension dimension{std::move(pattern), axis, {}};
    for (std::int64_t i = 0, size = maximum; i < count; ++i, size /= 2) {
        if (size < 1 || (i + 1 < count && size % 2 != 0))
            fail(Code::INVALID_ARGUMENT, "dynamic: {} does not halve {} times; give the buckets themselves", maximum,
                 count - 1);
        dimension.buckets.insert(dimension.buckets.begin(), size);
    }
    return dimension;
}

BucketCore::BucketCore(DynamicDimension dimension) : dimension_(std::move(dimension)) {
    const auto& buckets = dimension_.buckets;
    if (buckets.empty() || buckets.front() < 1 || !std::is_sorted(buckets.begin(), buckets.end(), std::less_equal<>()))
        fail(Code::INVALID_ARGUMENT, "bucketed: buckets [{}] do not ascend from 1 or more",
             fmt::format("{}", fmt::join(buckets, ", ")));
}

bool BucketCore::measure(const std::string& path, const Tensor& leaf, std::int64_t& size) const {
    if (!matches(dimension_.pattern, path)) return false;
    const auto axis = dimension_.axis < 0 ? dimension_.axis + leaf.rank() : dimension_.axis;
    if (axis < 0 || axis >= leaf.rank())
        fail(Code::SHAPE_MISMATCH, "bucketed: {}, {}, has no dimension {}", path, to_string(leaf.shape()),
             dimension_.axis);
    if (size >= 0 && leaf.dim(axis) != size)
        fail(Code::SHAPE_MISMATCH, "bucketed: {} is {}; its dynamic dimension {} is {} elsewhere", path,
             to_string(leaf.shape()), dimension_.axis, size);
    size = leaf.dim(axis);
    return true;
}

std::int64_t BucketCore::bucket_for(std::int64_t size) {
    const auto bucket = std::lower_bound(dimension_.buckets.begin(), dimension_.buckets.end(), size);
    if (bucket == dimension_.buckets.end())
        fail(Code::OUT_OF_RANGE,
             "bucketed: size {} of \"{}\" is beyond the largest bucket, {}; cut it, or add a bucket", size,
             dimension_.pattern, dimension_.buckets.back());
    const std::lock_guard lock(mutex_);
    ++stats_.calls;
    stats_.places += *bucket;
    stats_.padding += *bucket - size;
    return *bucket;
}

Tensor BucketCore::padded(const Tensor& leaf, std::int64_t bucket) const {
    const HostArray from = leaf.to_host();
    const auto axis = static_cast<std::size_t>(dimension_.axis < 0 ? dimension_.axis + leaf.rank() : dimension_.axis);
    Shape shape(leaf.type(), leaf.dims());
    shape.dims[axis] = bucket;
    HostArray to(shape);
    // One run of bytes for each place of the dimensions before the axis.
    std::size_t place = size_bytes(leaf.type());
    for (auto i = axis + 1; i < leaf.dims().size(); ++i) place *= static_cast<std::size_t>(leaf.dims()[i]);
    const std::size_t run = place * static_cast<std::size_t>(leaf.dims()[axis]);
    const std::size_t wide = place * static_cast<std::size_t>(bucket);
    for (std::size_t i = 0; run > 0 && i * run < from.size_bytes(); ++i)
        std::memcpy(to.mutable_data() + i * wide, from.data() + i * run, run);
    return tensor(to);
}

Valid BucketCore::valid(std::int64_t size, std::int64_t bucket) {
    HostArray mask(Shape(DataType::BOOL, {bucket}));
    std::fill_n(mask.mutable_span<bool>().begin(), size, true);
    return {tensor(HostArray::scalar(static_cast<std::int32_t>(size))), tensor(mask)};
}

BucketStats BucketCore::stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
}

}  // namespace podium
