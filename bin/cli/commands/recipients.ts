/** `vigie recipients`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { notEmpty } from '../arguments.ts'
import { run } from '../run.ts'
import { whoDoes } from '../who.ts'

export const recipientCommands = (vigie: Command): void => {
  const recipients = vigie.command('recipients').description('who gets reports by mail')
  addCommand(recipients)
  listCommand(recipients)
  updateCommand(recipients)
  removeCommand(recipients)
  importCommand(recipients)
}

const addCommand = (recipients: Command): void => {
  wishes(
    recipients
      .command('add')
      .description('put an address on the list')
      .argument('<address>', 'a person’s, or a functional mailbox’s')
      .option('--ask', 'mail a link first, and send nothing until it is confirmed', false),
  ).action(async (address: string, { ask, by, reason, ...words }: Wishes & { ask: boolean }, command: Command) => {
    if (!words.territory) {
      throw new InvalidArgumentError('--territory: it is missing, name at least one, such as NC or overseas')
    }
    await run('recipients add', command, async (context) => {
      const { addRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const { confirmer } = await import('../deliver.ts')
      const confirm = ask ? await confirmer(context) : undefined
      const who = await whoDoes({ by, reason })
      const added = await asUsage(addRecipient({ address, ...wordsOf(words) }, { pending: ask }, who, context.services))
      await confirm?.(added)
      const { recipientLine } = await import('../recipient-lines.ts')
      return { value: added, lines: [`${recipientLine(added)}${ask ? ' (asked to confirm)' : ''}`] }
    })
  })
}

const listCommand = (recipients: Command): void => {
  recipients
    .command('list')
    .description('all there are, those who left too')
    .action(async (_options: object, command: Command) =>
      run('recipients list', command, async ({ services }) => {
        const all = await Array.fromAsync(services.recipients.all())
        const { plainTable } = await import('../tables.ts')
        const { recipientCells, recipientColumns } = await import('../recipient-lines.ts')
        const rows = all.map(recipientCells)
        return { value: all, lines: all.length === 0 ? ['none'] : plainTable(recipientColumns, rows) }
      }),
    )
}

const updateCommand = (recipients: Command): void => {
  wishes(
    recipients
      .command('update')
      .description('change what is named')
      .argument('<who>', 'address or id')
      .option('--active', 'take back who left, or whose server refused', false),
  ).action(async (whom: string, { active, by, reason, ...words }: Wishes & { active: boolean }, command: Command) =>
    run('recipients update', command, async ({ services }) => {
      const { updateRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const who = await whoDoes({ by, reason })
      const changed = await asUsage(updateRecipient(whom, wordsOf(words), { active }, who, services))
      const { recipientLine } = await import('../recipient-lines.ts')
      return { value: changed, lines: [recipientLine(changed)] }
    }),
  )
}

const removeCommand = (recipients: Command): void => {
  recipients
    .command('remove')
    .description('take somebody off the list; the links in mails that were sent die')
    .argument('<who>', 'address or id')
    .option('--by <name>', 'who does so: kept in the history', notEmpty('--by'))
    .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
    .action(async (whom: string, whose: Whose, command: Command) =>
      run('recipients remove', command, async ({ services }) => {
        const { removeRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
        const removed = await removeRecipient(whom, await whoDoes(whose), services)
        const { recipientLine } = await import('../recipient-lines.ts')
        return { value: removed, lines: [recipientLine(removed)] }
      }),
    )
}

const importCommand = (recipients: Command): void => {
  recipients
    .command('import')
    .description(
      'a list from a spreadsheet: address, name, organisation, language, territories, editions, cadences, clearance, form, quiet',
    )
    .argument('<csv>', 'the file; - is standard input')
    .option('--by <name>', 'who does so: kept in the history', notEmpty('--by'))
    .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
    .action(async (file: string, whose: Whose, command: Command) =>
      run('recipients import', command, async ({ services }) => {
        const { importRecipients } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
        const { chunksOf } = await import('../files.ts')
        const imported = await importRecipients(await chunksOf(file), file, await whoDoes(whose), services)
        const { added, changed, same, rejected } = imported
        return {
          ok: rejected.length === 0,
          value: imported,
          lines: [
            `${added} added, ${changed} changed, ${same} as they were, ${rejected.length} rejected`,
            ...rejected.map(({ line: at, message }) => `  rejected: ${file}:${at}  ${message}`),
          ],
        }
      }),
    )
}

/** Who did it, and why. */
type Whose = { readonly by?: string; readonly reason?: string }

type Wishes = Whose & {
  readonly name?: string
  readonly organisation?: string
  readonly language?: string
  readonly territory?: string[]
  readonly edition?: string[]
  readonly cadence?: string[]
  readonly clearance?: string
  readonly form?: string
  readonly quiet?: string
  readonly digest?: boolean
}

const wishes = (command: Command): Command =>
  command
    .option('--name <name>', 'of the person or the mailbox')
    .option('--by <name>', 'who says so: kept in the history', notEmpty('--by'))
    .option('--reason <text>', 'why: kept in the history', notEmpty('--reason'))
    .option('--organisation <name>')
    .addOption(new Option('--language <language>', 'of mails and reports').choices(['fr', 'en']))
    .option(
      '--territory <place...>',
      'what it may read: codes, names, groups (overseas, antilles, pacific, indian-ocean), or all',
    )
    .option(
      '--edition <report...>',
      'which of these reports are mailed: codes, groups, all (the national edition); each: every territory’s, as where it is left out',
    )
    .addOption(
      new Option('--cadence <cadence...>', 'which reports').choices(['week', 'month', 'quarter', 'year', 'range']),
    )
    .option('--clearance <tlp>', 'up to which marking; CLEAR where it is left out at first')
    .addOption(
      new Option('--form <form>', 'a link, or up to TLP:GREEN the PDF attached').choices(['link', 'attachment']),
    )
    .addOption(new Option('--quiet <what>', 'for periods in which nothing was found').choices(['send', 'skip']))
    .option('--digest', 'one mail for all its weekly and monthly reports, once the national edition is due')
    .option('--no-digest', 'a mail for each report')

/** A list names a column, the command line the option that fills it: wrong usage, by the name that was typed. */
const optionOf: Readonly<Record<string, string>> = {
  territories: '--territory',
  editions: '--edition',
  cadences: '--cadence',
  clearance: '--clearance',
  name: '--name',
  organisation: '--organisation',
}

const asUsage = async <Written>(writing: Promise<Written>): Promise<Written> => {
  const { RecipientError } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
  try {
    return await writing
  } catch (error) {
    if (!(error instanceof RecipientError) || error.field === undefined) throw error
    const said = error.message.slice(error.message.indexOf(': ') + 2)
    throw new InvalidArgumentError(`${optionOf[error.field] ?? error.field}: ${said}`)
  }
}

const wordsOf = ({ territory, edition, cadence, ...plain }: Wishes) => ({
  ...plain,
  territories: territory,
  editions: edition,
  cadences: cadence,
})
