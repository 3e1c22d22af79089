/** Configures sign-in: a custom issuer, or a Cognito user pool that only the watch team fills. */
import { Aws, Duration } from 'aws-cdk-lib'
import {
  AccountRecovery,
  ClientAttributes,
  FeaturePlan,
  Mfa,
  OAuthScope,
  StringAttribute,
  UserPool,
  UserPoolClient,
} from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import { claimNames, signInScopes } from '../../lambdas/domain/access/sign-in.ts'
import { kept } from '../stores/kept.ts'
import { acknowledge } from '../workers/acknowledge.ts'

export type Identity = {
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client. */
  readonly clientSecret: string | undefined
  readonly signOutUrl: string | undefined
}

type OwnPoolProps = {
  readonly stage: string
  readonly guarded: boolean
  /** Address of the room, without a trailing slash. */
  readonly site: string
  readonly paths: { readonly back: string; readonly home: string }
}

export class OwnPool extends Construct {
  readonly identity: Identity
  readonly pool: UserPool

  constructor(scope: Construct, id: string, { stage, guarded, site, paths }: OwnPoolProps) {
    super(scope, id)
    const claims = Object.values(claimNames)
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `vigie-${stage}`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      customAttributes: Object.fromEntries(claims.map((name) => [name, new StringAttribute({ mutable: true })])),
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: guarded,
      removalPolicy: kept,
    })
    acknowledge(
      this.pool,
      'COG8',
      'The plan that watches for stolen passwords costs per reader: set it where it is wanted.',
    )
    const domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `vigie-${stage}-${Aws.ACCOUNT_ID}` },
    })
    const back = `${site}${paths.back}`
    const home = `${site}${paths.home}`
    const client = new UserPoolClient(this, 'Client', {
      userPool: this.pool,
      // A template cannot keep a secret: PKCE authenticates the client.
      generateSecret: false,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: signInScopes.map((scope) => OAuthScope.custom(scope)),
        callbackUrls: [back],
        logoutUrls: [home],
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      idTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(1),
      readAttributes: new ClientAttributes()
        .withStandardAttributes({ email: true, emailVerified: true })
        .withCustomAttributes(...claims),
      // Readers may write only their names, so that they cannot raise their clearance.
      writeAttributes: new ClientAttributes().withStandardAttributes({ fullname: true }),
    })
    this.identity = {
      issuer: this.pool.userPoolProviderUrl,
      clientId: client.userPoolClientId,
      clientSecret: undefined,
      signOutUrl: `${domain.baseUrl()}/logout?client_id=${client.userPoolClientId}&logout_uri=${home}`,
    }
  }
}
