//! Makes contracts with receivables and payments of all won opportunities of a workspace, over the
//! public API alone. Run it as often as you like: what is there already stays as it is.
//!
//! ```sh
//! KEHU_URL=http://127.0.0.1:8080 KEHU_EMAIL=ada@example.com KEHU_PASSWORD=… \
//!     cargo run --package kehu-client --example contracts_from_sales
//! ```

mod booking;

use std::error::Error;
use std::io::Write;

use booking::Terms;
use kehu_client::Client;
use kehu_client::native::Native;
use kehu_wire::session::SignInRequest;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let client = Client::new(Native::new(setting("KEHU_URL")?)?);
    let who = SignInRequest {
        email: setting("KEHU_EMAIL")?,
        password: setting("KEHU_PASSWORD")?,
    };
    client.sign_in(&who).await?;
    let booked = booking::book_all(&client, &Terms::default()).await?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} contracts with {} receivables, {} payments confirmed",
        booked.contracts, booked.receivables, booked.payments
    )?;
    Ok(())
}
