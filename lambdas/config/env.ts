/** Only this file is shared with lib/. */
import * as z from 'zod'
import { markings } from '../domain/core/marking.ts'

/** Set by the stack. */
export const variables = {
  ingest: ['STAGE', 'TABLE_NAME', 'DROP_BUCKET', 'INGEST_QUEUE_URL', 'DEAD_LETTERS_URL', 'PSEUDONYM_SECRET'],
  detect: ['STAGE', 'TABLE_NAME', 'DROP_BUCKET', 'PSEUDONYM_SECRET'],
  generate: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'PLATES_BUCKET',
    'SIGNING_KEY',
    'REPORT_QUEUE_URL',
    'DELIVERY_QUEUE_URL',
    'DEAD_LETTERS_URL',
  ],
  plates: ['STAGE', 'TABLE_NAME', 'PLATES_BUCKET'],
  expire: ['STAGE', 'TABLE_NAME', 'PLATES_BUCKET'],
  deliver: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'DELIVERY_QUEUE_URL',
    'DEAD_LETTERS_URL',
    'MAIL_FROM',
    'MAIL_CONFIGURATION_SET',
    'SITE',
    'DUE',
  ],
  'mail-links': ['STAGE', 'TABLE_NAME', 'ARCHIVE_BUCKET', 'MAIL_FROM', 'MAIL_CONFIGURATION_SET'],
  api: [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'DROP_BUCKET',
    'PLATES_BUCKET',
    'REPORT_QUEUE_URL',
    'PSEUDONYM_SECRET',
    'SIGNING_KEY',
    'IAM_CLEARANCE',
  ],
  'reading-room': [
    'STAGE',
    'TABLE_NAME',
    'ARCHIVE_BUCKET',
    'PLATES_BUCKET',
    'SIGNING_KEY',
    'REPORT_QUEUE_URL',
    'DELIVERY_QUEUE_URL',
    'DUE',
    'PSEUDONYM_SECRET',
  ],
  'sign-in': ['STAGE', 'SITE', 'SESSION_SECRET', 'ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'SIGN_OUT_URL'],
  authorizer: ['STAGE', 'SESSION_SECRET'],
  'mail-events': ['STAGE', 'TABLE_NAME', 'FEEDBACK_QUEUE_URL', 'DEAD_LETTERS_URL'],
  watchdog: ['STAGE', 'TABLE_NAME', 'DUE', 'DEAD_LETTERS_URLS'],
} as const satisfies Readonly<Record<string, readonly Variable[]>>

const name = z.string().min(3)

const named = z.object({
  STAGE: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/),
  TABLE_NAME: name,
  ARCHIVE_BUCKET: name,
  DROP_BUCKET: name,
  PLATES_BUCKET: name,
  INGEST_QUEUE_URL: z.url(),
  REPORT_QUEUE_URL: z.url(),
  DELIVERY_QUEUE_URL: z.url(),
  FEEDBACK_QUEUE_URL: z.url(),
  /** Verified sender. */
  MAIL_FROM: z.email(),
  MAIL_CONFIGURATION_SET: name,
  /** Without a trailing slash. */
  SITE: z.url().regex(/[^/]$/),
  /** The function's own queue. */
  DEAD_LETTERS_URL: z.url(),
  DEAD_LETTERS_URLS: z
    .string()
    .transform((text) => text.split(' '))
    .pipe(z.array(z.url())),
  PSEUDONYM_SECRET: name,
  /** KMS key for manifests. */
  SIGNING_KEY: name,
  SESSION_SECRET: name,
  /** OpenID issuer. */
  ISSUER: z.url(),
  CLIENT_ID: z.string().min(1),
  /** Secret name, or `none`. */
  CLIENT_SECRET: name,
  /** The issuer's sign-out page, or `none`. */
  SIGN_OUT_URL: z.union([z.url(), z.literal('none')]),
  /** Highest marking for the account's IAM roles. */
  IAM_CLEARANCE: z.enum(markings),
  /** Due reports: `NC,PF week,month`. */
  DUE: z.string().regex(/^[A-Z,]+ [a-z,]+$/),
})

type Variable = keyof z.infer<typeof named>

export type FunctionName = keyof typeof variables

export type Config<Name extends FunctionName> = Pick<z.infer<typeof named>, 'STAGE'> &
  Pick<z.infer<typeof named>, (typeof variables)[Name][number]>

/** Tries before a message is given up; queues and functions share it. */
export const maxTries = 5

export const dropPrefix = 'drop/'
/** `posts/QUERY/DAY/FILE`, read daily. */
export const postsPrefix = 'posts/'
export const postsDays = 7
export const incomingPrefix = 'incoming/'
export const platesPrefix = 'plates/'
/** Days until an unused upload is deleted. */
export const incomingDays = 1
/** Bytes. More cannot be read within 15 minutes. */
export const maxDroppedBytes = 1_000_000_000
/** This prefix sends no notifications. */
export const resultPrefix = 'results/'

/**
 * Reads a function's configuration.
 * @throws Error listing missing or malformed variables, without their values
 */
export const readConfig = <Name extends FunctionName>(
  name: Name,
  env: Readonly<Record<string, string | undefined>>,
): Config<Name> => {
  const wanted = Object.fromEntries(variables[name].map((variable) => [variable, true as const]))
  const read = named.pick(wanted as Record<Variable, true>).safeParse(env)
  if (read.success) return read.data as Config<Name>
  const wrong = [...new Set(read.error.issues.map(({ path }) => path.join('.')))]
  throw new Error(
    `${name} lacks ${wrong.join(', ')} in its environment, or cannot read the value there: deploy the stack again`,
  )
}
