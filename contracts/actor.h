// Who does something, under the name the rooms of contracts use.
#pragma once

#include "core/actor.h"

namespace qianda::contracts {

using core::Actor;

}  // namespace qianda::contracts
