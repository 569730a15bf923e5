/**
 * VXLAN network identifiers: 24 bits (RFC 7348 section 5). 0 is legal on the
 * wire but never allocated: kernels use it for "no VNI".
 */

export const MAX_VNI = 0xffffff

export function isVni(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MAX_VNI
}

/** Returns the VNI it was given; throws a TypeError when it is out of range. */
export function checkedVni(value: number): number {
  if (!isVni(value)) throw new TypeError(`not a VNI: ${value}`)
  return value
}
