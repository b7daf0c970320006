// Whether a text field that was filled in after signing shows what its value says, no more and no less. A reader shows
// the appearance, a program reads the value: the "replace" kind of shadow attacks lives in the difference
// (pdf-insecurity .org, Shadow Attacks; ISO 32000-1 12.7.3.3). Accepted are appearances made of the few operators that
// form fillers write, in a font of the signed revision or one of the standard 14.
#pragma once

#include <string>

#include "signing/pdf/document.h"
#include "signing/verify/roles.h"

namespace qianda::signing::verify {

// What is wrong with the appearance of `widget` (an object of `after`) as that of a field with this value, as the rest
// of a sentence ("shows ..."); empty: nothing.
std::string judgeFilledAppearance(const pdf::Object& widget, const pdf::Object& value, const Roles& roles,
                                  pdf::Document& before, pdf::Document& after);

// Whether the widget's appearance shows no text and no picture.
bool looksEmpty(const pdf::Object& widget, pdf::Document& document);

}  // namespace qianda::signing::verify
