import { randomInt } from 'node:crypto'
import type { Clock } from '../../base/clock.js'
import type { Engine } from '../../engine/engine.js'
import { DnsServer } from '../../slowpath/tcp/dns-server.js'
import type { Attachment } from '../attachments.js'
import { askerOf } from './asker.js'
import type { AskerParts } from './asker.js'
import type { NameService } from './name-service.js'

export interface NamesOverTcpParts extends AskerParts {
  readonly engine: Engine
  readonly names: NameService
  readonly clock: Clock
}

/** The server of DNS over TCP; its clients are the ports of containers. */
export function namesOverTcp(parts: NamesOverTcpParts): DnsServer<Attachment> {
  const { engine, names, clock } = parts
  return new DnsServer({
    clock,
    answer: (message, client) =>
      names.answer(message, askerOf(parts, client), 'tcp'),
    send: ({ port }, frames) => {
      if (port === null) return
      engine.inject(frames.map((frame) => ({ frame, port })))
    },
    random: () => randomInt(2 ** 32),
  })
}
