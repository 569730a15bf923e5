import type { Host } from './namespace.js'

/** Locally administered, and of nobody. */
const nowhere = '02:00:00:00:00:01'

/**
 * Cuts a host off from others: what either side sends is lost without a word,
 * as in a broken switch, because it goes to a MAC that nobody has. Resolves to
 * what heals it.
 */
export async function cut(
  host: Host,
  others: readonly Host[],
): Promise<() => Promise<void>> {
  await eachWay(host, others, ({ from, to }) =>
    from.ip(
      `neigh replace ${to.address} dev ${from.interface} lladdr ${nowhere} nud permanent`,
    ),
  )
  return () =>
    eachWay(host, others, ({ from, to }) =>
      from.ip(`neigh delete ${to.address} dev ${from.interface}`),
    )
}

async function eachWay(
  host: Host,
  others: readonly Host[],
  act: (way: { readonly from: Host; readonly to: Host }) => Promise<void>,
): Promise<void> {
  await Promise.all(
    others.flatMap((other) => [
      act({ from: host, to: other }),
      act({ from: other, to: host }),
    ]),
  )
}
