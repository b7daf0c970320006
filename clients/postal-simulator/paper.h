// Papers of the simulated partner: a label as PDF, the scan of a signed receipt as PNG with its number as Code 128.
// Pure.
#pragma once

#include <string>

namespace qianda::postal_simulator {

std::string labelPdf(const std::string& waybill, const std::string& orderNo);
std::string receiptPng(const std::string& waybill);

}  // namespace qianda::postal_simulator
