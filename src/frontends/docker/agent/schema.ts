import { z } from 'zod'

/**
 * What the agent reads of Docker's answers (Engine API 1.41 to 1.51); fields it
 * has no use for are left out.
 */

const strings = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})

export const versionSchema = z.object({ Version: z.string() })

export const networkSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  Labels: strings,
  IPAM: z.object({
    Config: z
      .array(z.object({ Subnet: z.string().default('') }))
      .nullish()
      .transform((value) => value ?? []),
  }),
})
/** A network as Docker on this host has it. */
export type DockerNetwork = z.infer<typeof networkSchema>

export const createdSchema = z.object({ Id: z.string() })

/** By the name of the network. */
const attachments = z
  .record(
    z.string(),
    z.object({
      NetworkID: z.string(),
      /** Empty while the container does not run. */
      EndpointID: z.string(),
      Aliases: z
        .array(z.string())
        .nullish()
        .transform((value) => value ?? []),
    }),
  )
  .nullish()
  .transform((value) => value ?? {})

export const containerSummarySchema = z.object({
  Id: z.string(),
  NetworkSettings: z.object({ Networks: attachments }),
})
export type ContainerSummary = z.infer<typeof containerSummarySchema>

export const containerSchema = z.object({
  Id: z.string(),
  /** With a slash before it. */
  Name: z.string(),
  Config: z.object({ Hostname: z.string().default('') }),
  NetworkSettings: z.object({ Networks: attachments }),
})
export type DockerContainer = z.infer<typeof containerSchema>

export const eventSchema = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: strings }),
})
export type DockerEvent = z.infer<typeof eventSchema>

/** What `POST /networks/create` takes. */
export interface CreateNetworkBody {
  readonly Name: string
  /** Docker before 1.44 makes a second one of the same name without it. */
  readonly CheckDuplicate: true
  readonly Driver: string
  readonly Internal: boolean
  readonly EnableIPv6: boolean
  readonly IPAM: {
    readonly Driver: string
    readonly Options: Readonly<Record<string, string>>
    readonly Config: readonly {
      readonly Subnet: string
      readonly Gateway: string
      readonly IPRange?: string
      readonly AuxiliaryAddresses?: Readonly<Record<string, string>>
    }[]
  }
  readonly Options: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
}
