import { z } from 'zod'
import type { FilterChain, FilterTable } from './system.js'

/** What `nft -j list table` says (libnftables-json(5)), as far as it is used. */
const objectSchema = z.object({
  chain: z
    .object({
      name: z.string(),
      hook: z.string().optional(),
      policy: z.string().optional(),
    })
    .optional(),
  rule: z
    .object({ chain: z.string(), expr: z.array(z.unknown()).default([]) })
    .optional(),
})

const listSchema = z.object({ nftables: z.array(objectSchema) })

const basesSchema = z.object({
  nftables: z.array(
    z.object({
      chain: z
        .object({
          family: z.string(),
          table: z.string(),
          hook: z.string().optional(),
        })
        .optional(),
    }),
  ),
})

/** Tables with a base chain at `forward`, from `nft -j list chains`. */
export function forwardTables(
  json: string,
): readonly { readonly family: string; readonly name: string }[] {
  const { nftables } = basesSchema.parse(JSON.parse(json))
  const found = new Map<string, { family: string; name: string }>()
  for (const { chain } of nftables) {
    if (chain?.hook !== 'forward') continue
    if (!['ip', 'ip6', 'inet'].includes(chain.family)) continue
    const { family, table: name } = chain
    found.set(`${family} ${name}`, { family, name })
  }
  return [...found.values()]
}

/** Of one table, from `nft -j list table`. */
export function filterTable(
  { family, name }: { readonly family: string; readonly name: string },
  json: string,
): FilterTable {
  const { nftables } = listSchema.parse(JSON.parse(json))
  const chains = new Map<string, FilterChain & { rules: unknown[][] }>()
  for (const { chain } of nftables) {
    if (chain === undefined) continue
    const { name, hook, policy = 'accept' } = chain
    chains.set(name, {
      name,
      ...(hook === 'forward' && { policy }),
      rules: [],
    })
  }
  for (const { rule } of nftables) {
    if (rule !== undefined) chains.get(rule.chain)?.rules.push(rule.expr)
  }
  return { family, name, chains: [...chains.values()] }
}
