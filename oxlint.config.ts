/** What the linter holds: no cycle of imports, and who may import whom (CONTRIBUTING.md has the table). */
import { defineConfig } from 'oxlint'

type Ban = { readonly group: string[]; readonly importNames?: string[]; readonly message: string }

const outside = ['store', 'archive', 'mail', 'keys', 'queues', 'render']

/** A room of lambdas/ as a file or folder of another room names it. */
const roomsAsNamed = (rooms: readonly string[]): string[] =>
  rooms.flatMap((room) => [`../${room}/**`, `../../${room}/**`, `../../../${room}/**`])

const noCdk: Ban = { group: ['aws-cdk-lib', 'aws-cdk-lib/**', 'constructs'], message: 'Run time never imports CDK.' }

const noOwnS3: Ban = {
  group: ['@aws-sdk/client-s3'],
  importNames: ['S3Client'],
  message: 'Use openS3 of archive/client.s3.ts, whose errors name bucket, action and remedy.',
}

const room = (files: string[], ...bans: Ban[]) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: bans }] as ['error', object] },
})

/** One of the rooms that each speak to one thing outside. */
const outsideRoom = (name: string, ...exceptions: string[]) =>
  room(
    [`lambdas/${name}/**`],
    {
      group: [
        ...roomsAsNamed(outside.filter((other) => other !== name)),
        ...['usecases', 'web', 'runtime', 'bin', 'intake'].map((other) => `**/${other}/**`),
        ...exceptions,
      ],
      message: 'store/, archive/, mail/, keys/ and render/ never import each other: a use case joins them.',
    },
    noCdk,
    noOwnS3,
  )

export default defineConfig({
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  jsPlugins: ['./tools/lint/vigie.ts'],
  categories: { correctness: 'error' },
  options: { denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['cdk.out', 'templates/**/*.js'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'no-console': 'error',
    'vigie/no-machine-clock': 'error',
    'vigie/no-long-spread': 'error',
    'vigie/only-earlier-folders': 'error',
    'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_$', ignoreRestSiblings: true }],
    'no-var': 'error',
    'prefer-const': 'error',
    'no-template-curly-in-string': 'error',
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    // The compiler knows better what a package exports.
    'import/default': 'off',
    // A part of an object that is there under a condition is spread.
    'unicorn/no-useless-spread': 'off',
    // Tests share their expectations by functions, and give them a word of their own.
    'vitest/expect-expect': 'off',
    'vitest/no-conditional-expect': 'off',
    'vitest/no-standalone-expect': 'off',
    'vitest/require-to-throw-message': 'off',
    'vitest/valid-expect': 'off',
  },
  overrides: [
    {
      // The two modules that hand out a clock, and what measures this machine.
      files: ['lambdas/config/clock.ts', 'test/support/{clock,moved-date}.ts', 'bench/**', 'tools/**'],
      rules: { 'vigie/no-machine-clock': 'off' },
    },
    {
      // Their lists are as long as they were written.
      files: ['test/**', 'bench/**', 'tools/**'],
      rules: { 'vigie/no-long-spread': 'off' },
    },
    {
      files: ['lambdas/domain/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['../../**', '!../../../templates/**'],
                message: 'domain/ is pure: it imports itself and the message catalogues only.',
              },
              {
                group: ['node:*', '!node:crypto', '@aws-sdk/**', 'aws-cdk-lib', 'aws-cdk-lib/**'],
                message: 'domain/ does no I/O: of node it has crypto, for hashes.',
              },
            ],
          },
        ],
        'no-restricted-globals': [
          'error',
          { name: 'process', message: 'The domain knows no environment.' },
          { name: 'fetch', message: 'The domain does no I/O.' },
        ],
      },
    },
    room(
      ['lambdas/intake/**'],
      {
        group: [
          ...roomsAsNamed(outside),
          ...['usecases', 'web', 'runtime', 'bin', 'config', 'templating'].map((other) => `**/${other}/**`),
          '@aws-sdk/**',
        ],
        message: 'intake/ turns text into detections: it imports domain/ and itself.',
      },
      noCdk,
    ),
    outsideRoom('store', '!../intake', '!../intake/record', '!../intake/record/record.ts'),
    ...['archive', 'mail', 'keys', 'render'].map((name) => outsideRoom(name)),
    room(
      ['lambdas/usecases/**'],
      {
        group: [
          ...['web', 'runtime', 'bin', 'embedded'].map((other) => `**/${other}/**`),
          '**/*.local.ts',
          '../../*.ts',
        ],
        message: 'A use case knows neither the web, a function, nor the command line.',
      },
      noCdk,
    ),
    room(
      ['lambdas/web/**'],
      {
        group: [
          ...roomsAsNamed(outside),
          '!**/render/fonts.ts',
          ...['intake', 'bin', 'runtime', 'embedded'].map((other) => `**/${other}/**`),
          '@aws-sdk/**',
        ],
        message: 'web/ turns requests into use cases and their answers into pages: it is given the use cases.',
      },
      noCdk,
    ),
    room(
      ['lambdas/*.ts', 'lambdas/runtime/**'],
      {
        group: ['**/*.local.ts', '**/embedded/**', '**/bin/**'],
        message: '*.local.ts and store/embedded/ stand in for AWS on a laptop: nothing that deploys imports them.',
      },
      {
        group: ['@aws-lambda-powertools/logger'],
        message: 'Use openLogger of runtime/logger.ts, which refuses fields that Powertools drops.',
      },
      noCdk,
    ),
    room(['bin/cli/**'], {
      group: ['**/lambdas/*.ts'],
      message: 'The command line calls use cases, and no function.',
    }),
    room(
      ['lib/**', 'bin/app.ts'],
      {
        group: [
          '**/lambdas/**',
          ...['config', 'config/**', 'domain', 'domain/**', 'store', 'store/keys.ts'].map(
            (other) => `!**/lambdas/${other}`,
          ),
        ],
        message: 'Of lambdas/, lib/ imports what it deploys by: config/, the pure domain, and the table’s keys.',
      },
      {
        group: ['aws-cdk-lib/aws-cloudwatch'],
        importNames: ['Alarm', 'CompositeAlarm'],
        message: 'Use Alarms.add, which mails when an alarm begins and ends.',
      },
    ),
  ],
})
