// What the page's policy refuses, from before anything else of the page is there: support/browser.js looks at it after each test.

window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
