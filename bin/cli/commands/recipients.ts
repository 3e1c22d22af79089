/** `vigie recipients`. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { run } from '../run.ts'

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
  ).action(async (address: string, { ask, ...words }: Wishes & { ask: boolean }, command: Command) => {
    if (!words.territory) {
      throw new InvalidArgumentError('--territory: it is missing, name at least one, such as NC or overseas')
    }
    await run(command, async (context) => {
      const { addRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const { confirmer } = await import('../deliver.ts')
      const confirm = ask ? await confirmer(context) : undefined
      const added = await addRecipient({ address, ...wordsOf(words) }, { pending: ask }, context.services)
      await confirm?.(added)
      return { value: added, lines: [`${line(added)}${ask ? ' (asked to confirm)' : ''}`] }
    })
  })
}

const listCommand = (recipients: Command): void => {
  recipients
    .command('list')
    .description('all there are, those who left too')
    .action(async (_options: object, command: Command) =>
      run(command, async ({ services }) => {
        const all = await Array.fromAsync(services.recipients.all())
        const { plainTable } = await import('../tables.ts')
        return { value: all, lines: all.length === 0 ? ['none'] : plainTable(columns, all.map(cells)) }
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
  ).action(async (who: string, { active, ...words }: Wishes & { active: boolean }, command: Command) =>
    run(command, async ({ services }) => {
      const { updateRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
      const changed = await updateRecipient(who, wordsOf(words), { active }, services)
      return { value: changed, lines: [line(changed)] }
    }),
  )
}

const removeCommand = (recipients: Command): void => {
  recipients
    .command('remove')
    .description('take somebody off the list; the links in mails that were sent die')
    .argument('<who>', 'address or id')
    .action(async (who: string, _options: object, command: Command) =>
      run(command, async ({ services }) => {
        const { removeRecipient } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
        const removed = await removeRecipient(who, services)
        return { value: removed, lines: [line(removed)] }
      }),
    )
}

const importCommand = (recipients: Command): void => {
  recipients
    .command('import')
    .description(
      'a list from a spreadsheet: address, name, organisation, language, territories, cadences, clearance, form, quiet',
    )
    .argument('<csv>', 'the file; - is standard input')
    .action(async (file: string, _options: object, command: Command) =>
      run(command, async ({ services }) => {
        const { importRecipients } = await import('../../../lambdas/usecases/delivery/manage-recipients.ts')
        const { chunksOf } = await import('../files.ts')
        const imported = await importRecipients(await chunksOf(file), file, services)
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

type Wishes = {
  readonly name?: string
  readonly organisation?: string
  readonly language?: string
  readonly territory?: string[]
  readonly cadence?: string[]
  readonly clearance?: string
  readonly form?: string
  readonly quiet?: string
}

const wishes = (command: Command): Command =>
  command
    .option('--name <name>', 'of the person or the mailbox')
    .option('--organisation <name>')
    .addOption(new Option('--language <language>', 'of mails and reports').choices(['fr', 'en']))
    .option('--territory <place...>', 'codes, names or groups (overseas, antilles, pacific, indian-ocean)')
    .addOption(
      new Option('--cadence <cadence...>', 'which reports').choices(['week', 'month', 'quarter', 'year', 'range']),
    )
    .option('--clearance <tlp>', 'up to which marking; CLEAR where it is left out at first')
    .addOption(
      new Option('--form <form>', 'a link, or up to TLP:GREEN the PDF attached').choices(['link', 'attachment']),
    )
    .addOption(new Option('--quiet <what>', 'for periods in which nothing was found').choices(['send', 'skip']))

const wordsOf = ({ territory, cadence, ...plain }: Wishes) => ({ ...plain, territories: territory, cadences: cadence })

type Listed = import('../../../lambdas/domain/delivery/recipient.ts').Recipient

const columns = [
  'Id',
  'Address',
  'Name',
  'Language',
  'Territories',
  'Cadences',
  'Clearance',
  'Form',
  'Quiet',
  'State',
] as const

const cells = (one: Listed): readonly string[] => [
  one.id,
  one.address,
  [one.name, one.organisation].filter(Boolean).join(', ') || '–',
  one.language,
  one.territories.join(' '),
  one.cadences.join(' '),
  one.clearance,
  one.form,
  one.quiet,
  one.reason ? `${one.state}: ${one.reason}` : one.state,
]

const line = ({ id, address, territories, clearance, state, reason }: Listed): string =>
  `${id}  ${address}  ${territories.join(' ')}  ${clearance}  ${state}${reason ? `: ${reason}` : ''}`
