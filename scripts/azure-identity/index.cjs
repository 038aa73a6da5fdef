/** The one name that botframework-connector uses. Curfew's tokens come from src/chat/teams/token-source.ts. */
exports.DefaultAzureCredential = class DefaultAzureCredential {
  constructor() {
    throw new Error('Curfew gets its tokens by @azure/msal-node.');
  }
};
