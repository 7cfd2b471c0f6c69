#include "cert/kdf_rounds.hpp"

#include "openssl/handles.hpp"

#include <algorithm>
#include <cstdint>

#include <openssl/err.h>

namespace arbortls::cert {
namespace {

using PbeParam = openssl::Handle<PBEPARAM, PBEPARAM_free>;
using Pbe2Param = openssl::Handle<PBE2PARAM, PBE2PARAM_free>;
using Pbkdf2Param = openssl::Handle<PBKDF2PARAM, PBKDF2PARAM_free>;

long rounds_of_pbes2(const ASN1_TYPE* parameter) {
  const Pbe2Param pbe2(static_cast<PBE2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter)));
  if (!pbe2 || OBJ_obj2nid(pbe2->keyfunc->algorithm) != NID_id_pbkdf2) return 0;
  const Pbkdf2Param kdf(static_cast<PBKDF2PARAM*>(
      ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), pbe2->keyfunc->parameter)));
  return kdf ? rounds_in(kdf->iter) : 0;
}

long rounds_of_pbes1(const ASN1_TYPE* parameter) {
  const PbeParam pbe(
      static_cast<PBEPARAM*>(ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), parameter)));
  return pbe ? rounds_in(pbe->iter) : 0;
}

}  // namespace

long rounds_in(const ASN1_INTEGER* number) noexcept {
  std::int64_t rounds = 0;
  const bool fits = ASN1_INTEGER_get_int64(&rounds, number) == 1;
  ERR_clear_error();
  return fits && rounds <= max_kdf_rounds ? std::max<long>(rounds, 0) : max_kdf_rounds + 1;
}

long kdf_rounds(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* oid = nullptr;
  int kind = 0;
  X509_ALGOR_get0(&oid, &kind, nullptr, algorithm);
  if (kind != V_ASN1_SEQUENCE) return 0;
  const long rounds = OBJ_obj2nid(oid) == NID_pbes2 ? rounds_of_pbes2(algorithm->parameter)
                                                    : rounds_of_pbes1(algorithm->parameter);
  ERR_clear_error();
  return rounds;
}

}  // namespace arbortls::cert
