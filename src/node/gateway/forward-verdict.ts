import { z } from 'zod'
import type { FilterChain, FilterTable } from '../../system/system.js'

/** A packet of a new connection that the host is to forward, or an answer. */
export interface Passage {
  readonly from: string
  readonly to: string
  readonly state: 'new' | 'established'
  /** Its destination was changed to that of a container. */
  readonly isPublished: boolean
}

/**
 * `maybe`: dropped, unless a rule lets it pass whose condition is not known
 * here.
 */
export type Verdict = 'accept' | 'drop' | 'maybe'

type Known = boolean | 'unknown'
type End = 'accept' | 'drop' | 'return'

/** Chains that jump deeper than the kernel's limit do not load. */
const maxDepth = 16

const nameSchema = z.union([
  z.string().transform((name) => [name]),
  z.array(z.string()),
  z.object({ set: z.array(z.string()) }).transform(({ set }) => set),
])

const matchSchema = z.object({
  op: z.string(),
  left: z.union([
    z.object({ meta: z.object({ key: z.string() }) }),
    z.object({ ct: z.object({ key: z.string() }) }),
  ]),
  right: nameSchema,
})

const targetSchema = z.object({ target: z.string() })

/** What a chain does to a packet that arrives at it. */
export function forwardVerdict(
  table: FilterTable,
  base: FilterChain,
  passage: Passage,
): Verdict {
  const walk = new Walk(table, passage)
  const end = walk.chain(base.name, 0)
  const verdict = end === 'return' ? (base.policy ?? 'accept') : end
  if (verdict !== 'drop') return 'accept'
  return walk.mayPass ? 'maybe' : 'drop'
}

class Walk {
  /** A rule of unknown condition would have let it pass. */
  mayPass = false
  readonly #chains: ReadonlyMap<string, FilterChain>
  readonly #passage: Passage

  constructor({ chains }: FilterTable, passage: Passage) {
    this.#chains = new Map(chains.map((chain) => [chain.name, chain]))
    this.#passage = passage
  }

  chain(name: string, depth: number): End {
    if (depth > maxDepth) return 'return'
    for (const rule of this.#chains.get(name)?.rules ?? []) {
      const end = this.#rule(rule, depth)
      if (end !== null) return end
    }
    return 'return'
  }

  /** Null: the next rule is next. */
  #rule(rule: readonly unknown[], depth: number): End | null {
    let isCertain = true
    for (const statement of rule) {
      const [[kind, value] = ['', null]] = Object.entries(statement as object)
      const known = condition(kind, value, this.#passage)
      if (known === false) return null
      if (known === 'unknown') isCertain = false
      const end = known === null ? this.#verdict(kind, value, depth) : null
      if (end === null) continue
      if (isCertain) return end
      if (end === 'accept') this.mayPass = true
      return null
    }
    return null
  }

  #verdict(kind: string, value: unknown, depth: number): End | null {
    switch (kind) {
      case 'accept':
      case 'drop':
      case 'return':
        return kind
      case 'reject':
        return 'drop'
      case 'goto':
        return this.#target(value, depth)
      case 'jump': {
        const end = this.#target(value, depth)
        return end === 'return' ? null : end
      }
      default:
        return null
    }
  }

  #target(value: unknown, depth: number): End {
    const target = targetSchema.safeParse(value).data?.target
    return target === undefined ? 'return' : this.chain(target, depth + 1)
  }
}

/** Statements that say nothing about what becomes of a packet. */
const neutral = new Set(['counter', 'log', 'comment', 'mangle', 'notrack'])
const verdicts = new Set(['accept', 'drop', 'return', 'reject', 'goto', 'jump'])

/** Null when the statement is no condition. */
function condition(
  kind: string,
  value: unknown,
  passage: Passage,
): Known | null {
  if (kind === 'match') return matches(value, passage)
  return neutral.has(kind) || verdicts.has(kind) ? null : 'unknown'
}

function matches(value: unknown, passage: Passage): Known {
  const match = matchSchema.safeParse(value).data
  if (match === undefined) return 'unknown'
  const { left, op, right } = match
  const names = 'meta' in left ? linkOf(left.meta.key, passage) : null
  const facts = 'ct' in left ? tracked(left.ct.key, passage) : names
  if (facts === null) return 'unknown'
  const holds = right.some((pattern) => facts.some(fits(pattern)))
  return op === '!=' ? !holds : holds
}

function linkOf(key: string, { from, to }: Passage): string[] | null {
  if (key === 'iifname' || key === 'iif') return [from]
  return key === 'oifname' || key === 'oif' ? [to] : null
}

function tracked(
  key: string,
  { state, isPublished }: Passage,
): string[] | null {
  if (key === 'state') return [state]
  return key === 'status' ? (isPublished ? ['dnat'] : []) : null
}

/** `overtap*` is the beginning of a name. */
function fits(pattern: string) {
  return (name: string): boolean =>
    pattern.endsWith('*')
      ? name.startsWith(pattern.slice(0, -1))
      : name === pattern
}
