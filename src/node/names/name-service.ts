import type { Query, Transport } from '../../dns/request.js'
import { resolve } from '../../dns/resolver.js'
import { failureFor } from '../../dns/response.js'
import type { Asker } from './asker.js'

/** Answers DNS messages of containers, whichever way they come. */
export class NameService {
  /**
   * The answer to a message, now or when others have told it; undefined for
   * what is not to be answered. Never rejects. The bytes of the message are not
   * used after the call.
   */
  answer(
    message: Uint8Array,
    asker: Asker,
    transport: Transport,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const resolution = resolve(message, asker.zones, { transport })
    switch (resolution.kind) {
      case 'answer':
        return resolution.message
      case 'not-ours':
        return this.#forward(resolution.query)
      case 'ignore':
        return undefined
    }
  }

  #forward(query: Query): Uint8Array {
    return failureFor(query, 'REFUSED')
  }
}
