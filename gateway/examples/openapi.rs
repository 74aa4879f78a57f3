//! Prints the API's description, from which the app's client is generated.
#![expect(clippy::print_stdout, reason = "that is what it is for")]

fn main() -> Result<(), serde_json::Error> {
    println!("{}", chatdesk_gateway::description()?);
    Ok(())
}
