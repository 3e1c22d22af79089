import type { SourceState } from '../../../domain/aggregate/watch/source-state.ts'
import type { Recipient } from '../../../domain/delivery/recipient.ts'
import type { Plate } from '../../../domain/plate/plate.ts'
import { type Edition, editionPath } from '../../../domain/report/manifest.ts'
import type { Visit } from './pages.ts'

export const versionsPath = (edition: Edition, version?: number): string =>
  `/room/${editionPath(edition)}${version === undefined ? '' : `#v${version}`}`

/** Base path of actions on one version. */
const versionPath = (edition: Edition, version: number): string => `/room/${editionPath(edition)}/${version}`

export const decidePath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/decide`

export const recallPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/recall`

export const renewPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/renew`

export const mailPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/mail`

export const editionHref = ({ href }: Pick<Visit, 'href'>, edition: Edition, version?: number): string =>
  href(versionsPath(edition, version))

/** Route that opens a file and logs the access. */
export const fileHref = ({ href }: Visit, edition: Edition, version: number, name: string): string =>
  href(`${versionPath(edition, version)}/files/${name}`)

type Looking = { readonly list?: string; readonly territory?: string; readonly period?: string }

export const detectionHref = ({ href }: Visit, id: string, looking: Looking = {}): string =>
  href(`/room/detections/${encodeURIComponent(id)}`, looking)

export const platesPath = '/room/plates'

export const platePath = ({ sha256 }: Pick<Plate, 'sha256'>): string => `${platesPath}/${sha256}`

export const recipientPath = ({ id }: Pick<Recipient, 'id'>): string => `/room/recipients/${id}`

export const sourcePath = ({ name }: Pick<SourceState, 'name'>): string => `/room/sources/${encodeURIComponent(name)}`
