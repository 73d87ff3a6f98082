#pragma once

#include "podium/exec/jit.h"

namespace podium {

/// A dimension whose size differs from call to call, and the sizes that programs are made for.
struct DynamicDimension {
    std::string pattern;  ///< of the paths of arguments' leaves that have it, as in Rule
    std::int64_t axis = 0;
    std::vector<std::int64_t> buckets;  ///< ascending
};
/// Returns the dimension with buckets maximum, maximum / 2, …: `count` of them. Throws INVALID_ARGUMENT unless all are
/// whole numbers.
DynamicDimension dynamic(std::string pattern, std::int64_t axis, std::int64_t maximum, std::int64_t count);

/// What of a padded dimension is real.
struct Valid {
    Tensor size;  ///< i32[]: how many of its places
    Tensor mask;  ///< bool[bucket]: true for those, which come first
    static constexpr std::array names{"size", "mask"};
};

struct BucketStats {
    std::int64_t programs = 0;  ///< at most one a bucket
    std::int64_t calls = 0;
    std::int64_t places = 0, padding = 0;  ///< of the dimension, over all calls; padding is part of places
    /// Returns the part of the work that went into padding, 0 to 1.
    double padded_share() const {
        return places == 0 ? 0.0 : static_cast<double>(padding) / static_cast<double>(places);
    }
};

/// The part of Bucketed that does not depend on types.
class BucketCore {
public:
    explicit BucketCore(DynamicDimension dimension);
    /// True for leaves that have the dimension; throws SHAPE_MISMATCH where it is not as large as an earlier leaf's.
    bool measure(const std::string& path, const Tensor& leaf, std::int64_t& size) const;
    /// Returns the smallest bucket that holds `size`, counted; throws OUT_OF_RANGE beyond the largest.
    std::int64_t bucket_for(std::int64_t size);
    /// Returns the leaf with zeros behind it up to `bucket`; on the host, so that no size is a program of its own.
    Tensor padded(const Tensor& leaf, std::int64_t bucket) const;
    static Valid valid(std::int64_t size, std::int64_t bucket);
    BucketStats stats() const;

private:
    DynamicDimension dimension_;
    mutable std::mutex mutex_;
    BucketStats stats_;
};

/// A compiled function of arguments one of whose dimensions has any size up to a maximum: it is padded with zeros to
/// the next bucket, so that there are at most as many programs as buckets. The function takes a `const Valid&` behind
/// its arguments and must not let padding count (weights of a loss, masks of attention); its results keep the bucket's
/// size.
template <class F>
class Bucketed {
public:
    Bucketed(F f, DynamicDimension dimension, JitOptions options)
        : names_(options.names),
          jitted_(jit(std::move(f), std::move(options))),
          core_(std::make_shared<BucketCore>(std::move(dimension))) {}

    template <class... A>
    auto operator()(A&&... arguments) const {
        std::tuple<std::remove_cvref_t<A>...> given(std::forward<A>(arguments)...);
        std::int64_t size = -1;
        for_each_leaf_path(given, [&](const std::string& path, Tensor& leaf) { core_->measure(path, leaf, size); });
        if (size < 0) fail(Code::INVALID_ARGUMENT, "bucketed: no leaf of the arguments has the dynamic dimension");
        const auto bucket = inlining() ? size : core_->bucket_for(size);  // inside a trace the size is known
        if (bucket != size)
            for_each_leaf_path(given, [&](const std::string& path, Tensor& leaf) {
                std::int64_t own = size;
                if (core_->measure(path, leaf, own)) leaf = core_->padded(leaf, bucket);
            });
        return std::apply(
            [&](auto&... item) { return jitted_(static_cast<A&&>(item)..., BucketCore::valid(size, bucket)); }, given);
    }

    /// How many programs there are, and how much of what they computed was padding.
    BucketStats stats() const {
        BucketStats stats = core_->stats();
        stats.programs = jitted_.stats().traces;
        return stats;
    }

private:
    template <class T, class G>
    void for_each_leaf_path(T& given, G&& visit) const {
        std::size_t position = 0;
        const auto each = [&]<class U>(U& item) {
            const auto at = position++;
            if constexpr (TreeLike<U>) for_each_path(item, at < names_.size() ? names_[at] : std::to_string(at), visit);
        };
        std::apply([&](auto&... item) { (each(item), ...); }, given);
    }

    std::vector<std::string> names_;
    Jitted<F> jitted_;
    std::shared_ptr<BucketCore> core_;
};

/// Returns `f` compiled for the buckets of one dynamic dimension.
template <class F>
Bucketed<F> bucketed(F f, DynamicDimension dimension, JitOptions options = {}) {
    return Bucketed<F>(std::move(f), std::move(dimension), std::move(options));
}

}  // namespace podium
