// SPDX-License-Identifier: GPL-3.0-or-later
// What a reader of images leaves alone, counted, so that nothing vanishes without a word.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mprdo {

class SkippedFiles {
public:
    /// \param reason  continues "3 files were not read: 2 ...": "of other kinds"
    /// \param name    of one of them, below the data's folder
    void add(const std::string& reason, const std::string& name, std::int64_t count = 1);
    void add(const SkippedFiles&);
    std::int64_t count() const;
    /// "3 of other kinds (a.txt, b.gif, ...), 1 beside the class folders (c.png)"; empty when there are none
    std::string list() const;
    /// "DATA: 4 files were not read: LIST"; nothing when there are none.
    void tell(const std::string& data, std::vector<std::string>& notices) const;

private:
    struct Reason {
        std::string text;
        std::int64_t count = 0;
        std::vector<std::string> names; ///< the first few
        bool more = false;              ///< not all are named
    };
    std::vector<Reason> m_reasons;
};

/// "a, b, c, ..." of the first few names
std::string firstNames(const std::vector<std::string>& names);

} // namespace mprdo
