/** Frames as bytes, right or wrong as the test wants them. */

export interface EthernetOptions {
  readonly to?: string
  readonly from?: string
  readonly type?: number
  readonly payload?: Uint8Array
}

/** By default an experimental protocol from nowhere to a MAC of ours. */
export function ethernet(options: EthernetOptions): Uint8Array {
  const {
    to = '02:42:0a:1e:00:02',
    from = '02:00:00:00:00:99',
    type = 0x88b5,
    payload = new Uint8Array(46),
  } = options
  return Uint8Array.of(
    ...[...mac(to), ...mac(from), type >> 8, type & 0xff],
    ...payload,
  )
}

/** RFC 7348, section 5. */
export function vxlan(options: {
  readonly vni: number
  readonly flags?: number
  readonly inner?: Uint8Array
}): Uint8Array {
  const { vni, flags = 0x08, inner = new Uint8Array() } = options
  return Uint8Array.of(
    ...[flags, 0, 0, 0, vni >> 16, (vni >> 8) & 0xff, vni & 0xff, 0],
    ...inner,
  )
}

function mac(text: string): number[] {
  return text.split(':').map((byte) => Number.parseInt(byte, 16))
}
