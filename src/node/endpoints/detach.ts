import { keys } from '../../store/records.js'
import type { Attachment } from '../attachments.js'
import { runAll } from '../undo.js'
import type { Step } from '../undo.js'
import { release } from './address-release.js'
import { updateResolvConf } from './name-servers.js'
import type { EndpointParts } from './parts.js'
import { closeTap } from './tap.js'

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
  const record = {
    name: 'delete the endpoint',
    run: () => deleteRecord(attachment, parts),
  }
  const steps = [record, ...takeDownSteps(attachment, parts)]
  return runSteps(steps, attachment, parts)
}

/** The address comes last: nobody may get it while the TAP still has it. */
function takeDownSteps(attachment: Attachment, parts: EndpointParts): Step[] {
  const { namespace, network, claims, endpoint } = attachment
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
    {
      name: 'update resolv.conf',
      run: () => updateResolvConf(namespace, parts),
    },
    {
      name: 'release the addresses',
      run: () =>
        release(parts, network.id, claims, { host, endpoint: id, name }),
    },
  ]
}

function runSteps(
  steps: readonly Step[],
  { endpoint, network }: Attachment,
  { log }: Pick<EndpointParts, 'log'>,
): Promise<string[]> {
  const fields = { endpoint: endpoint.name, network: network.name }
  return runAll(steps, log, fields)
}
