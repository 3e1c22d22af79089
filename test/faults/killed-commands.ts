/** Which row kills each command: one without an entry fails to compile. */
import type { CommandAnswers } from '../../bin/cli/answers.ts'
import { homeActs } from './acts.ts'

/** Stores nothing. */
const reads = 'reads'

const ingest = 'SIGKILL in the midst of ingest'
const report = 'SIGKILL in the midst of report --deliver'

/** A name of {@link homeActs}, the name of another row, or {@link reads}. */
export const killedBy: Readonly<Record<keyof CommandAnswers, string>> = {
  'archive copy': 'archive copy',
  'archive key': reads,
  'archive list': reads,
  'archive recall': 'archive recall',
  'archive reindex': 'archive reindex',
  'archive verify': reads,
  backup: 'backup',
  correct: 'correct',
  'deliveries digest': 'SIGKILL while a digest is made and mailed',
  'deliveries list': reads,
  'deliveries resend': 'SIGKILL in the midst of mailing by SMTP',
  'deliveries show': reads,
  demo: report,
  detect: 'detect',
  'detections list': reads,
  'detections search': reads,
  'detections show': reads,
  doctor: reads,
  dossier: 'dossier',
  explain: reads,
  faults: reads,
  flash: 'flash',
  'flash approve': 'flash approve',
  'flash list': reads,
  'flash refuse': 'flash refuse',
  forget: 'SIGKILL in the midst of forgetting an account',
  history: reads,
  'inbox accept': 'inbox accept (contested)',
  'inbox fix': 'inbox fix (unplaced)',
  'inbox list': reads,
  'inbox refuse': 'inbox refuse (candidate)',
  'inbox show': reads,
  ingest,
  'ingest list': reads,
  'ingest undo': 'ingest undo',
  // One new file.
  map: reads,
  'note add': 'note add',
  'note list': reads,
  'plates add': 'SIGKILL in the midst of plates add',
  'plates forget': 'SIGKILL in the midst of plates forget',
  'plates list': reads,
  'plates recall': 'archive recall',
  'plates show': reads,
  preview: reads,
  'recipients add': 'recipients add',
  'recipients import': 'recipients import',
  'recipients list': reads,
  'recipients remove': 'recipients remove',
  'recipients update': 'recipients update',
  // It calls the stage's Lambdas again.
  redrive: 'SIGKILL at every step of generate',
  'rejects export': reads,
  'rejects retry': 'rejects retry',
  report,
  run: report,
  'schedules list': reads,
  'schedules pause': 'schedules pause',
  'schedules resume': 'schedules resume',
  serve: 'SIGKILL while a page mails',
  'sources list': reads,
  'sources mark': 'sources mark',
  'taxonomy show': reads,
  'tokens add': 'tokens add',
  'tokens list': reads,
  'tokens revoke': 'tokens revoke',
  weekly: report,
  withdraw: 'withdraw',
}

/** @returns entries that name no row */
export const unkilled = (rows: readonly string[]): readonly string[] =>
  Object.values(killedBy).filter((name) => name !== reads && !(name in homeActs) && !rows.includes(name))
