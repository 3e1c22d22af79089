/** Where the versions of an edition are, and what is done with one of them. */
import { type Edition, editionPath } from '../../domain/report/manifest.ts'

/** The versions of an edition; one of them where it is named. */
export const versionsPath = (edition: Edition, version?: number): string =>
  `/room/${editionPath(edition)}${version === undefined ? '' : `#v${version}`}`

/** What is done with one version lies below it. */
export const versionPath = (edition: Edition, version: number): string => `/room/${editionPath(edition)}/${version}`

export const decidePath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/decide`

export const recallPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/recall`

export const renewPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/renew`

export const mailPath = (edition: Edition, version: number): string => `${versionPath(edition, version)}/mail`
