//! The fields of a submitted form. A name may repeat: each ticked checkbox sends its own field.

use crate::api::DeadListing;
use axum::extract::{Form, FromRequest, Request};
use uuid::Uuid;
use web::Problem;
use web::problem::Result;

pub struct Fields(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Fields> {
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Fields(fields)),
            Err(error) => Err(Problem::bad_request("invalid_form", error.body_text())),
        }
    }
}

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of the fields with this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(field, _)| field == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The ids of the ticked tasks.
    pub fn ids(&self) -> Result<Vec<Uuid>> {
        self.all("id")
            .map(|id| id.parse().map_err(|_| Problem::field("id", "ids of tasks")))
            .collect()
    }

    /// The filter of the list that the form was on.
    pub fn listing(&self) -> DeadListing {
        let text = |name: &str| self.get(name).map(str::to_owned);
        DeadListing {
            queue: text("queue"),
            kind: text("kind"),
            outcome: text("outcome"),
            document: text("document"),
            search: text("search"),
            until: text("until"),
            cursor: None,
        }
    }
}
