import { keys } from '../../store/records.js'
import type { Attachment, Claim } from '../attachments.js'
import type { Standing } from '../ownership/own-records.js'
import { runAll } from '../undo.js'
import type { Step } from '../undo.js'
import { claimsOf, release } from './address-release.js'
import { updateResolvConf } from './name-servers.js'
import type { EndpointParts } from './parts.js'
import { closeTap } from './tap.js'

/**
 * From here on the endpoint's record is not restored, and a daemon that comes
 * after a crash goes on with taking it down.
 */
export async function beginLeaving(
  attachment: Attachment,
  { own }: Pick<EndpointParts, 'own'>,
): Promise<void> {
  const { endpoint, network } = attachment
  await own.keep(endpoint, network, 'leaving')
  // One that is isolated is so until its TAP is gone.
  if (attachment.standing === 'attached') attachment.standing = 'leaving'
}

/** Takes `beginLeaving` back. */
export async function stay(
  attachment: Attachment,
  standing: Standing,
  { own }: Pick<EndpointParts, 'own'>,
): Promise<void> {
  const { endpoint, network } = attachment
  attachment.standing = standing
  await own.keep(endpoint, network, standing)
}

/** Tells everybody that the endpoint is gone. */
export function deleteRecord(
  { endpoint, network }: Attachment,
  { writer }: Pick<EndpointParts, 'writer'>,
): Promise<void> {
  const key = keys.endpoint(network.id, endpoint.id)
  return writer.commit({ deletes: [key] })
}

/** What is left to do on this host then; resolves to what failed. */
export function takeDown(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<string[]> {
  return runSteps(takeDownSteps(attachment, parts), attachment, parts)
}

/**
 * Both, and the second whatever becomes of the first: for a namespace that is
 * gone and a daemon that stops. A record that stays is found by `reconcile`.
 */
export function detach(
  attachment: Attachment,
  parts: EndpointParts,
): Promise<string[]> {
  const steps = [
    { name: 'write the journal', run: () => beginLeaving(attachment, parts) },
    {
      name: 'delete the endpoint',
      run: () => deleteRecord(attachment, parts),
    },
    ...takeDownSteps(attachment, parts),
  ]
  return runSteps(steps, attachment, parts)
}

/** The address comes last: nobody may get it while the TAP still has it. */
function takeDownSteps(attachment: Attachment, parts: EndpointParts): Step[] {
  const { namespace, network, endpoint } = attachment
  const { id, host, name } = endpoint
  return [
    { name: 'close the TAP', run: () => closeTap(attachment, parts) },
    {
      name: 'stop forwarding',
      run: () => {
        parts.attachments.remove(attachment)
        parts.forwarding.refresh(network.id)
      },
    },
    { name: 'leave the gateway', run: () => parts.gateway.settle(namespace) },
    {
      name: 'update resolv.conf',
      run: () => updateResolvConf(namespace, parts),
    },
    {
      name: 'release its ports',
      run: () => {
        parts.published.release(id)
      },
    },
    {
      name: 'release the addresses',
      run: () =>
        release(parts, network.id, claimsNow(attachment, parts), {
          host,
          endpoint: id,
          name,
        }),
    },
  ]
}

/**
 * A restored copy has other versions than those remembered, and so has a record
 * that was written again while the store lost its data: nobody was told.
 */
function claimsNow(
  { endpoint, claims }: Attachment,
  { view }: Pick<EndpointParts, 'view'>,
): readonly Claim[] {
  const current = claimsOf(endpoint, view)
  const seen = new Set(current.map(({ key }) => key))
  return [...current, ...claims.filter(({ key }) => !seen.has(key))]
}

/** What did not succeed stays in the journal and is done by `reconcile`. */
async function runSteps(
  steps: readonly Step[],
  { endpoint, network }: Attachment,
  { log, own }: Pick<EndpointParts, 'log' | 'own'>,
): Promise<string[]> {
  const fields = { endpoint: endpoint.name, network: network.name }
  const problems = await runAll(steps, log, fields)
  if (problems.length > 0) return problems
  const forget = { name: 'write the journal', run: () => own.forget(endpoint) }
  return runAll([forget], log, fields)
}
