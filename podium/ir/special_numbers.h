#pragma once

/// References of special functions, in double precision.
namespace podium {

/// Returns the Hurwitz zeta function, sum over n ≥ 0 of (q + n)^-x. Source: Euler–Maclaurin's formula; NIST
/// DLMF 25.11.5.
double hurwitz_zeta(double x, double q);
/// Returns the logarithmic derivative of the gamma function. Source: NIST DLMF 5.5.2, 5.5.4, 5.11.2.
double psi(double x);
/// Returns the n-th derivative of psi. Source: NIST DLMF 5.15.
double poly_psi(double n, double x);
/// Returns the inverse of erf: a first guess, then Newton's steps with what is left of 1 where y is near it.
double inverse_erf(double y);
/// Returns e^-|x| I1(x), the modified Bessel function. Source: NIST DLMF 10.25.2, 10.40.1.
double scaled_bessel_i1(double x);

}  // namespace podium
